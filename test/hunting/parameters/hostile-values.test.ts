import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOutriderError } from '../../../shared/errors.ts';
import { bindParameters } from '../../../shared/hunting/parameters/bind.ts';
import type { ParameterDeclaration, ScalarType } from '../../../shared/hunting/query.ts';
import { shapeOf, textsOf } from './kql-tree.ts';

const QUERY = 'DeviceEvents | where DeviceName == p0 | project Timestamp, DeviceName';
/** Values bound together in one query: as good as one by one, since any that breaks out changes the tree. */
const TOGETHER = 50;

/** The query with each value bound to a parameter of its own. */
function bound(type: ScalarType, list: boolean, values: readonly unknown[]): string {
  const names = values.map((_value, index) => `p${index}`);
  const declarations = names.map((name): ParameterDeclaration => ({ name, type, list, required: true }));
  const given = Object.fromEntries(values.map((value, index) => [`p${index}`, value]));
  return bindParameters(declarations, given) + QUERY;
}

/** Pieces out of which an attacker would build a way out of a literal. */
const PIECES = [
  '"',
  "'",
  '\\',
  '\\"',
  "\\'",
  '@"',
  "@'",
  '```',
  '~~~',
  'h"',
  "h@'",
  '\n',
  '\r\n',
  '\u2028',
  '\u0085',
  '\u0000',
  '//',
  '/*',
  ';',
  ')',
  '("',
  '])',
  '|',
  '| take 1',
  '; print 1',
  'let x = 1;',
  '\\u0022',
  '\\x22',
  '\\n',
  '#',
  '%22',
  '﹐＂',
  '\ufeff',
  '\u202e',
  'é',
  '😀',
  'null',
  'dynamic([',
  ' ',
];
const hostile = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(2_000).map((length) => `"${'\\'.repeat(length)}`) },
);

const SEED = 20_261_121;

describe('a value can never become code', () => {
  test('10,000 hostile texts leave the parse tree in the shape of harmless ones, and arrive as they are', () => {
    const harmless = shapeOf(bound('string', false, Array(TOGETHER).fill('host')));
    fc.assert(
      fc.property(fc.array(hostile, { minLength: TOGETHER, maxLength: TOGETHER }), (values) => {
        const text = bound('string', false, values);
        expect(shapeOf(text)).toBe(harmless);
        expect(textsOf(text)).toEqual(values);
      }),
      { numRuns: 10_000 / TOGETHER, seed: SEED },
    );
  }, 120_000);

  test('nor do hostile texts in a list', () => {
    const harmless = shapeOf(bound('string', true, [Array(TOGETHER).fill('host')]));
    fc.assert(
      fc.property(fc.array(hostile, { minLength: TOGETHER, maxLength: TOGETHER }), (values) => {
        const text = bound('string', true, [values]);
        expect(shapeOf(text)).toBe(harmless);
        expect(textsOf(text)).toEqual(values);
      }),
      { numRuns: 50, seed: SEED },
    );
  }, 120_000);

  const SAMPLES: Readonly<Record<Exclude<ScalarType, 'string'>, string>> = {
    int: '5',
    long: '9223372036854775807',
    real: '1.5',
    decimal: '1.5',
    bool: 'true',
    datetime: '2026-01-22T12:09:23Z',
    timespan: '7d',
    guid: '74be27de-1e4e-49d9-b579-fe0b331d3642',
  };

  test.each(Object.entries(SAMPLES))(
    'of a spoilt %s only what keeps the shape is taken',
    (name, sample) => {
      const type = name as ScalarType;
      const piece = fc.oneof(hostile, fc.constantFrom('-', '+', '.', '0', 'e', 'E9', 'T', 'Z'));
      const spoilt = fc
        .tuple(fc.nat(sample.length), piece)
        .map(([at, text]) => sample.slice(0, at) + text + sample.slice(at));
      const values = fc.sample(spoilt, { numRuns: 1_000, seed: SEED });
      const taken = values.filter((value) => isTaken(type, value));
      expect(taken.length).toBeLessThan(values.length);
      expect(shapeOf(bound(type, false, taken))).toBe(
        shapeOf(
          bound(
            type,
            false,
            taken.map(() => sample),
          ),
        ),
      );
    },
    120_000,
  );
});

function isTaken(type: ScalarType, value: string): boolean {
  try {
    bound(type, false, [value]);
    return true;
  } catch (error) {
    if (isOutriderError(error, 'hunt.parameter_invalid')) return false;
    throw error;
  }
}
