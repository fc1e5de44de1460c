import fc from 'fast-check';

/** What is stored and may be asked for. */
export interface StoredFacts {
  readonly tenantIds: readonly string[];
  readonly incidentIds: readonly string[];
  readonly versions: readonly string[];
  /** One that the app gave, for a listing without filters. */
  readonly continuationToken: string;
}

export interface Target {
  readonly kind: string;
  readonly method: string;
  readonly target: string;
}

/** A text as the bytes that go over the wire, one character each. */
export const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
const oddText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '\u0000',
    'a\u0000b',
    '\ud83d\ude00',
    '\u202eabc',
    '\ufeff',
    'İi\u0307',
    'ﬁ',
    '\u2028',
    '𐀀',
  ),
  fc.constantFrom("' or PartitionKey gt '", '"; drop', '<script>', '{{7*7}}', '../../x', 'a|b', 'c|1', '*'),
);
const longText = fc.tuple(
  fc.constantFrom('x', '9', '%41', 'é'),
  fc.constantFrom(200, 900, 4_000, 12_000, 40_000),
);
const long = longText.map(([unit, size]) => utf8(unit.repeat(Math.ceil(size / utf8(unit).length))));

/** A path segment that is odd but percent-encoded as it should be, or not at all. */
const oddSegment = fc.oneof(
  { weight: 6, arbitrary: oddText.map(encoded) },
  { weight: 2, arbitrary: oddText.map((text) => encoded(encoded(text))) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('%', '%2', '%zz', '%c0%af', '%ff', '%ed%a0%80', '%00', '%2f', 'a%2Fb%23c%3F'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '.',
      '..',
      '%2e',
      '%2E%2e',
      '%252e%252e',
      '...',
      '~',
      ';x=1',
      'a;b',
      '',
      ' ',
      '\t',
    ),
  },
  { weight: 1, arbitrary: oddText.map(utf8) },
  { weight: 1, arbitrary: long },
);

const MORE_METHODS = ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'POST', 'GET', 'TRACE'];
const ODD_METHODS = [
  'CONNECT',
  'PROPFIND',
  'QUERY',
  'get',
  'G\u0000T',
  'BREW',
  'PRI',
  ' ',
  'GETT',
  'X'.repeat(300),
  '',
];

const GUARDED = [
  ['GET', '/api/tenants/{t}/incidents'],
  ['GET', '/api/tenants/{t}/incidents/{i}'],
  ['GET', '/api/tenants/{t}/incidents/{i}/versions'],
  ['GET', '/api/tenants/{t}/incidents/{i}/versions/{v}'],
  ['GET', '/api/tenants/{t}/sync'],
  ['POST', '/api/tenants/{t}/incidents/sync'],
] as const;

/** Targets of all kinds, from what is right to what is no address. */
export function targets(facts: StoredFacts): fc.Arbitrary<Target> {
  const known = fc.constantFrom(...facts.tenantIds);
  const tenant = fc.oneof(
    { withCrossShrink: true },
    { weight: 12, arbitrary: known },
    { weight: 1, arbitrary: known.map((id) => id.toUpperCase()) },
    { weight: 3, arbitrary: fc.uuid() },
    { weight: 2, arbitrary: fc.constantFrom('contoso.com', '0', 'common', `${facts.tenantIds[0]}0`, 'null') },
    { weight: 2, arbitrary: oddSegment },
  );
  const incident = fc.oneof(
    { withCrossShrink: true },
    { weight: 5, arbitrary: fc.constantFrom(...facts.incidentIds) },
    { weight: 2, arbitrary: fc.constantFrom('nobody', '0', '-1', 'sync', 'versions', 'NaN', '1e400') },
    { weight: 3, arbitrary: oddSegment },
  );
  const version = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...facts.versions) },
    { weight: 1, arbitrary: fc.constant('0'.repeat(64)) },
    { weight: 1, arbitrary: oddSegment },
  );
  const guarded = fc
    .record({ route: fc.constantFrom(...GUARDED), tenant, incident, version })
    .map(({ route: [method, template], ...values }) => ({
      method,
      path: template
        .replace('{t}', () => values.tenant)
        .replace('{i}', () => values.incident)
        .replace('{v}', () => values.version),
    }));
  const existing = fc.oneof(
    { withCrossShrink: true },
    { weight: 12, arbitrary: guarded },
    { weight: 1, arbitrary: fc.constant({ method: 'GET', path: '/api/health' }) },
  );
  return fc.oneof(
    { withCrossShrink: true },
    {
      weight: 50,
      arbitrary: withQuery(existing, facts).map((each) => ({ kind: 'existing route', ...each })),
    },
    {
      weight: 10,
      arbitrary: withQuery(otherMethod(existing), facts).map((each) => ({ kind: 'other method', ...each })),
    },
    {
      weight: 25,
      arbitrary: withQuery(near(existing), facts).map((each) => ({ kind: 'near miss', ...each })),
    },
    { weight: 12, arbitrary: withQuery(wild, facts).map((each) => ({ kind: 'any path', ...each })) },
    {
      weight: 3,
      arbitrary: fc
        .record({ method: fc.constantFrom('GET', 'POST'), target: noPath })
        .map((each) => ({ kind: 'no path', ...each })),
    },
  );
}

interface Path {
  readonly method: string;
  readonly path: string;
}

const otherMethod = (paths: fc.Arbitrary<Path>): fc.Arbitrary<Path> =>
  fc
    .tuple(paths, fc.oneof(fc.constantFrom(...MORE_METHODS), fc.constantFrom(...ODD_METHODS)))
    .map(([{ path }, method]) => ({ path, method }));

/** Existing addresses with one thing about them changed. */
const near = (paths: fc.Arbitrary<Path>): fc.Arbitrary<Path> =>
  fc
    .record({ path: paths, how: fc.nat(NEAR.length - 1), at: fc.nat(60), odd: oddSegment })
    .map(({ path: { method, path }, how, at, odd }) => ({
      method,
      path: NEAR[how]?.(path, at, odd) ?? path,
    }));

const NEAR: readonly ((path: string, at: number, odd: string) => string)[] = [
  // First, because it is what shrinking ends at.
  (path) => path,
  (path) => path.toUpperCase(),
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `/${path}`,
  (path) => path.replace('/api', ''),
  (path) => path.replace('/api/', '/api//'),
  (path) => path.replace('/api/', '/api/./'),
  (path) => path.replace('/api/', '/API/x/../'),
  (path) => path.replace('/api/', '/api/%2e%2e/api/'),
  (path) => path.replace('/api/', '/api%2f'),
  (path) => path.replace('/api/', '/api\\'),
  (path) => path.replace('/api/', '/%61pi/'),
  (path) => path.replace('/api/', '/%2561pi/'),
  (path) => path.replace('/api/', '/admin/'),
  (path) => path.replace('/api/', '/runtime/webhooks/'),
  (path) => path.replace('tenants', 'tenant'),
  (path) => path.replace('incidents', 'incidents.json'),
  (path) => path.replace('health', 'healthz'),
  (path) => `${path};jsessionid=1`,
  (path) => `${path}%00`,
  (path) => `${path}#part`,
  (path, _at, odd) => `${path}/${odd}`,
  (path, at, odd) => path.slice(0, at) + odd + path.slice(at),
  (path, at) => path.slice(0, at) + path.slice(at + 1),
  (path, at) => path.slice(0, Math.max(1, at)),
  (path, at) => path.slice(0, at) + percent(path[at] ?? '') + path.slice(at + 1),
  (path, at) => path.slice(0, at) + percent(percent(path[at] ?? '')) + path.slice(at + 1),
];

function percent(character: string): string {
  return character.replaceAll(
    /[^%]|%(?![0-9A-F]{2})/g,
    (each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

const words = fc.constantFrom(
  'api',
  'admin',
  'functions',
  'host',
  'tenants',
  'incidents',
  'health',
  'sync',
  'versions',
  '.env',
  '.git',
);
const wild: fc.Arbitrary<Path> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', ...MORE_METHODS),
    segments: fc.array(fc.oneof({ weight: 2, arbitrary: words }, { weight: 1, arbitrary: oddSegment }), {
      maxLength: 6,
    }),
  })
  .map(({ method, segments }) => ({ method, path: `/${segments.join('/')}` }));

const noPath = fc.oneof(
  fc.constantFrom(
    '*',
    '',
    '/',
    '?',
    'api/health',
    'http://',
    'http:///api/health',
    '//',
    '\\',
    'ftp://host/api/health',
  ),
  fc.constantFrom(
    'http://host/api/health',
    'https://evil.example/api/health',
    'http://[::1',
    'javascript:alert(1)',
    '/ /',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }).map(utf8),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `/${utf8(text)}`),
);

const PARAMETERS = [
  'status',
  'severity',
  'assignedTo',
  'updatedSince',
  'top',
  'continuationToken',
  'as',
  'run',
];
const VALUES: readonly string[] = [
  'active',
  'active,resolved',
  'high',
  'open',
  '1',
  '50',
  '200',
  '0',
  '201',
  '10000',
  '-1',
  '1e2',
  '99999999999999999999',
  '2026-01-31T08:00:00Z',
  '2026-01-31',
  '2026-02-31T08:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-10:00',
  '2026-01-31T08:00:00.1234567%2B01:00',
  'graph',
  'source',
  'xdr',
  '',
  '%00',
  '%',
  '%ff',
  'a%20b',
  '+',
  'x'.repeat(300),
  'x'.repeat(3_000),
  'bnVsbA',
  'e30',
  'eyJ2IjoxfQ',
  'W10',
  'Zm9v',
];

function withQuery(
  paths: fc.Arbitrary<Path>,
  { continuationToken }: StoredFacts,
): fc.Arbitrary<Omit<Target, 'kind'>> {
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...PARAMETERS) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'Top',
        '%24top',
        'sevrity',
        '__proto__',
        'constructor',
        'code',
        '',
        'x'.repeat(2_000),
      ),
    },
    { weight: 1, arbitrary: oddText.map(encoded) },
  );
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...VALUES) },
    { weight: 1, arbitrary: fc.constant(continuationToken) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(continuationToken.length - 1), fc.constantFrom('', 'A', '_', '%'))
        .map(([at, by]) => continuationToken.slice(0, at) + by + continuationToken.slice(at + 1)),
    },
    { weight: 1, arbitrary: oddText.map(encoded) },
  );
  const pairs = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 4 });
  const query = fc.oneof(
    { withCrossShrink: true },
    { weight: 5, arbitrary: fc.constant('') },
    { weight: 4, arbitrary: pairs.map((each) => `?${each.map((pair) => pair.join('=')).join('&')}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('?', '??', '?&', '?=', '?&&=&', '?top', '?top=1?top=2', '?%00', '?#'),
    },
  );
  return fc.tuple(paths, query).map(([{ method, path }, text]) => ({ method, target: path + text }));
}
