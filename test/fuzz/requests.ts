import fc from 'fast-check';
import type { Authorization, Body, FuzzRequest, TokenPool } from './request.ts';
import { type StoredFacts, targets, utf8 } from './targets.ts';
import { GOOD_TOKENS, ROLELESS_TOKENS, SYNC_TOKENS } from './token-pool.ts';

/** Requests of every kind, sound in most respects so that each oddity is met by the code that must bear it. */
export function requestsFor(
  { facts, pool }: { readonly facts: StoredFacts; readonly pool: TokenPool },
  { port }: { readonly port: number },
): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      target: targets(facts),
      authorizations: authorizations(pool),
      headers,
      body,
      framing: mostly<FuzzRequest['framing']>('length', fc.constantFrom('chunked', 'both', 'short'), 8),
      version: mostly(
        'HTTP/1.1',
        fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.7', 'HTTP', ''),
        60,
      ),
      host: mostly(`127.0.0.1:${port}`, fc.constantFrom(...ODD_HOSTS), 30),
    })
    .map(({ target, ...rest }) => ({ ...target, ...rest }));
}

/** The usual value, and about once in `times` another. */
function mostly<Value>(usual: Value, others: fc.Arbitrary<Value>, times: number): fc.Arbitrary<Value> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: times - 1, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: others },
  );
}

const ODD_HOSTS = [
  'evil.example',
  'evil.example:443',
  'x/api/health?',
  'user@evil.example',
  'a b',
  '',
  '[::1]',
  'x#',
  'host:99999',
  '\u0000',
  utf8('münchen.example'),
];

function authorizations(pool: TokenPool): fc.Arbitrary<readonly Authorization[]> {
  const usual = new Set<string>([...GOOD_TOKENS, ...SYNC_TOKENS, ...ROLELESS_TOKENS]);
  const bad = [...pool.keys()].filter((name) => !usual.has(name));
  const one = (names: readonly string[]): fc.Arbitrary<Authorization> =>
    fc.record({
      scheme: fc.constant('Bearer '),
      token: fc.constantFrom(...names),
      spoilt: fc.constant({ how: 'not' as const }),
    });
  const good = one(GOOD_TOKENS);
  const sync = one(SYNC_TOKENS);
  const roleless = one(ROLELESS_TOKENS);
  const refused = one(bad).map((each) => ({
    ...each,
    scheme: /^Bearer /.test(pool.get(each.token) ?? '') ? 'Bearer ' : '',
  }));
  const anybody = fc.oneof(good, sync, roleless);
  const spoilt = fc.record({
    scheme: fc.constant('Bearer '),
    token: fc.constantFrom(...usual),
    spoilt: fc.record({
      how: fc.constantFrom('cut' as const, 'replaced' as const, 'inserted' as const),
      share: fc.double({ min: 0, max: 0.9999, noNaN: true }),
      by: fc.oneof(
        fc.constantFrom('A', '_', '.', '=', ' ', '\t', ',', '\u0000', 'é', '..', 'A'.repeat(17_000)),
        fc
          .string({ unit: 'binary-ascii', minLength: 1, maxLength: 3 })
          .map((text) => text.replaceAll(/[\r\n]/g, '-')),
      ),
    }),
  });
  const schemed = fc
    .tuple(
      anybody,
      fc.constantFrom(
        'bearer ',
        'BEARER    ',
        'Bearer\t',
        'Bearer',
        '',
        'Basic ',
        'Bearer Bearer ',
        'Negotiate ',
        ' Bearer ',
        'Bearer "',
      ),
    )
    .map(([each, scheme]) => ({ ...each, scheme }));
  const empty = fc.constantFrom('', ' ', 'Bearer', 'Bearer ').map(
    (scheme): Authorization => ({
      scheme,
      token: 'an empty one',
      spoilt: { how: 'cut', share: 0, by: '' },
    }),
  );
  const alone = (each: fc.Arbitrary<Authorization>): fc.Arbitrary<readonly Authorization[]> =>
    each.map((only) => [only]);
  const several: fc.Arbitrary<readonly Authorization[]> = fc.array(fc.oneof(anybody, refused), {
    minLength: 2,
    maxLength: 3,
  });
  return fc.oneof(
    { weight: 22, arbitrary: fc.constant([]) },
    { weight: 22, arbitrary: alone(refused) },
    { weight: 12, arbitrary: alone(spoilt) },
    { weight: 4, arbitrary: alone(schemed) },
    { weight: 2, arbitrary: alone(empty) },
    { weight: 4, arbitrary: several },
    { weight: 14, arbitrary: alone(roleless) },
    { weight: 18, arbitrary: alone(good) },
    { weight: 2, arbitrary: alone(sync) },
  );
}

/** What App Service puts into requests that it has signed in itself; here it is forged. */
const PRINCIPAL = Buffer.from(
  JSON.stringify({
    auth_typ: 'aad',
    claims: [
      { typ: 'roles', val: 'Incidents.Read' },
      { typ: 'roles', val: 'Incidents.Sync' },
    ],
  }),
).toString('base64');
const FORGED: readonly (readonly [string, string])[] = [
  ['x-ms-client-principal-id', '33333333-3333-4333-8333-333333333333'],
  ['x-ms-client-principal-name', 'admin@contoso.com'],
  ['x-ms-client-principal-idp', 'aad'],
  ['x-ms-token-aad-access-token', 'forged'],
  ['x-functions-key', 'master'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-host', 'evil.example'],
  ['x-original-url', '/api/health'],
  ['x-rewrite-url', '/api/health'],
  ['x-http-method-override', 'POST'],
  ['cookie', 'AppServiceAuthSession=forged'],
];
const ODD: readonly (readonly [string, string])[] = [
  ['x-correlation-id', 'abcdefgh-12345678'],
  ['x-correlation-id', '"><script>'],
  ['x-correlation-id', 'a'.repeat(65)],
  ['x-ms-client-request-id', 'id-of-the-client'],
  ['traceparent', '00-zz-zz-zz'],
  ['content-type', 'application/xml; charset=utf-7'],
  ['content-type', 'multipart/form-data'],
  ['content-type', 'multipart/form-data; boundary=x'],
  ['content-type', ';;;='],
  ['content-type', 'application/json; charset=nonsense'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'br, gzip, x'],
  ['accept', 'text/html'],
  ['accept', ';q=9'],
  ['accept-encoding', 'gzip;q=0, *;q=0'],
  ['accept-language', 'x'.repeat(200)],
  ['expect', '100-continue'],
  ['range', 'bytes=0-1'],
  ['if-none-match', '*'],
  ['origin', 'null'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['x-empty', ''],
  ['x-bytes', '\xff\xfe\x80'],
  ['x-latin', 'caf\xe9'],
  ['x-utf8', utf8('日本語')],
  ['x-long', 'x'.repeat(9_000)],
];
/** What a host may refuse, or must. */
const NO_HTTP: readonly (readonly [string, string])[] = [
  ['expect', 'nothing'],
  ['connection', 'upgrade'],
  ['upgrade', 'websocket'],
  ['transfer-encoding', 'gzip'],
  ['content-length', '-1'],
  ['host', 'second.example'],
  ['x-nul', 'a\u0000b'],
  ['bad name', 'x'],
  ['x-long', 'x'.repeat(20_000)],
];
const headers = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(['x-ms-client-principal', PRINCIPAL] as const) },
    { weight: 4, arbitrary: fc.constantFrom(...FORGED) },
    { weight: 6, arbitrary: fc.constantFrom(...ODD) },
    { weight: 1, arbitrary: fc.constantFrom(...NO_HTTP) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom('x-any', 'accept', 'user-agent', 'cookie'),
        fc.string({ unit: 'binary-ascii', maxLength: 30 }).map((text) => text.replaceAll(/[\r\n]/g, ' ')),
      ),
    },
  ),
  { maxLength: 2 },
);

const TEXTS = [
  '{}',
  '[]',
  'null',
  '{"top":1}',
  '{"top":',
  '{"a":{"__proto__":{"roles":["Incidents.Read"]}}}',
  `${'['.repeat(3_000)}`,
  '<a/>',
  'a=b&c=d',
  '--x\r\n\r\n--x--',
  '\ufeff{}',
  '{"n":1e400}',
  '"\\ud800"',
].map(utf8);
const body: fc.Arbitrary<Body> = fc.oneof(
  { withCrossShrink: true },
  { weight: 60, arbitrary: fc.constant<Body>({ sort: 'none' }) },
  {
    weight: 24,
    arbitrary: fc.record({
      sort: fc.constant('text' as const),
      text: fc.oneof(
        fc.constantFrom(...TEXTS),
        fc.string({ unit: 'binary-ascii', maxLength: 40 }),
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      ),
      coded: mostly<'plain' | 'gzip'>('plain', fc.constant('gzip'), 5),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      sort: fc.constant('filled' as const),
      byte: fc.constantFrom(0, 32, 97, 255),
      size: fc.constantFrom(70_000, 300_000, 1_500_000),
    }),
  },
);
