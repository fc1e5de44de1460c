import fc from 'fast-check';
import { oddHeaders } from './odd-headers.ts';
import { utf8 } from './odd-texts.ts';
import type { Authorization, Body, FuzzRequest, TokenPool } from './request.ts';
import { type StoredFacts, targets } from './targets.ts';
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
      headers: oddHeaders,
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
        // First, because it is what shrinking ends at.
        'Bearer ',
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
  // A query for the check, but no hunt: nothing is to be run.
  '{"query":"DeviceInf | where","keys":["a"]}',
  '{"query":"DeviceInfo","queryId":"x","timespan":7}',
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
