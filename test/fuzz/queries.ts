import fc from 'fast-check';
import type { Path } from './near-misses.ts';
import { encoded, oddText } from './odd-texts.ts';

const PARAMETERS = [
  'status',
  'severity',
  'assignedTo',
  'updatedSince',
  'top',
  'continuationToken',
  'as',
  'run',
  'from',
  'after',
  'state',
  'group',
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

/** Addresses with a query: none, the parameters of a listing with good and bad values, or anything. */
export function withQuery(
  paths: fc.Arbitrary<Path>,
  { continuationToken }: { readonly continuationToken: string },
): fc.Arbitrary<{ readonly method: string; readonly target: string }> {
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
