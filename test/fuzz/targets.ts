import fc from 'fast-check';
import { nearMisses, type Path } from './near-misses.ts';
import { oddSegment, utf8 } from './odd-texts.ts';
import { withQuery } from './queries.ts';
import {
  HEALTH,
  HUNT_ROUTES,
  INVITATION_ROUTES,
  MANAGING_ROUTES,
  ONBOARDING,
  TENANT_ROUTES,
} from './routes.ts';

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
  const query = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('device-recovery-sabotage', 'DEVICE-FILES-TO-USB', 'check', 'a%23'),
    },
    { weight: 2, arbitrary: oddSegment },
  );
  const run = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(tenant, fc.constantFrom('0'.repeat(25), 'zzzzzzzzz0123456789abcdef', '0', ''))
        .map((parts) => parts.join('_')),
    },
    { weight: 1, arbitrary: fc.constantFrom('groups', 'rows', '0'.repeat(32)) },
    { weight: 2, arbitrary: oddSegment },
  );
  const route = fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: fc.constantFrom(...TENANT_ROUTES) },
    { weight: 1, arbitrary: fc.constantFrom(...HUNT_ROUTES, ...MANAGING_ROUTES, ...INVITATION_ROUTES) },
    // Few tokens open what begins a run, so it is asked for more often.
    { weight: 1, arbitrary: fc.constantFrom(...TENANT_ROUTES.filter(({ method }) => method === 'POST')) },
  );
  const guarded = fc
    .record({ route, tenant, incident, version, query, run })
    .map(({ route: { method, template }, ...values }) => ({
      method,
      path: template
        .replace('{tenantId}', () => values.tenant)
        .replace('{incidentId}', () => values.incident)
        .replace('{version}', () => values.version)
        .replace('{queryId}', () => values.query)
        .replace('{invitationId}', () => values.incident)
        .replace(/\{(?:run|group|finding)Id\}/, () => values.run),
    }));
  const existing = fc.oneof(
    { withCrossShrink: true },
    { weight: 12, arbitrary: guarded },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(HEALTH, ONBOARDING)
        .map(({ method, template }) => ({ method, path: template })),
    },
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
      arbitrary: withQuery(nearMisses(existing), facts).map((each) => ({ kind: 'near miss', ...each })),
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

const otherMethod = (paths: fc.Arbitrary<Path>): fc.Arbitrary<Path> =>
  fc
    .tuple(paths, fc.oneof(fc.constantFrom(...MORE_METHODS), fc.constantFrom(...ODD_METHODS)))
    .map(([{ path }, method]) => ({ path, method }));

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
  'hunts',
  'queries',
  'invitations',
  'onboarding',
  'callback',
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
