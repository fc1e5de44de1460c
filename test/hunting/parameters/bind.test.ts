import { describe, expect, test } from 'vitest';
import { isOutriderError } from '../../../shared/errors.ts';
import { bindParameters, declarationFaults } from '../../../shared/hunting/parameters/bind.ts';
import type { ParameterDeclaration, ScalarType } from '../../../shared/hunting/query.ts';

const declared = (
  type: ScalarType,
  more: Partial<ParameterDeclaration> = {},
): readonly ParameterDeclaration[] => [{ name: 'p', type, list: false, required: true, ...more }];

function faultsOf(
  declarations: readonly ParameterDeclaration[],
  values: Record<string, unknown>,
): readonly string[] {
  try {
    bindParameters(declarations, values);
  } catch (error) {
    if (isOutriderError(error, 'hunt.parameter_invalid')) return error.facts.details ?? [];
    throw error;
  }
  return [];
}

describe('each type is written as its own literal', () => {
  test.each<[ScalarType, unknown, string]>([
    ['string', `a"b\\c'd`, `"a\\u0022b\\u005cc'd"`],
    ['string', 'line\nend\u2028é😀', '"line\\u000aend\\u2028\\u00e9\\ud83d\\ude00"'],
    ['int', -2_147_483_648, 'int(-2147483648)'],
    ['int', '+7', 'int(7)'],
    ['long', '9223372036854775807', 'long(9223372036854775807)'],
    ['long', '-9223372036854775808', 'long(-9223372036854775808)'],
    ['real', '1.50', 'real(1.5)'],
    ['real', '-inf', 'real(-inf)'],
    ['real', 'NaN', 'real(nan)'],
    ['decimal', '0012.3400', 'decimal(12.34)'],
    ['decimal', '-.5', 'decimal(-0.5)'],
    ['decimal', '1234567890123456789012345678901234', 'decimal(1234567890123456789012345678901234)'],
    ['bool', 'TRUE', 'bool(true)'],
    ['bool', false, 'bool(false)'],
    ['datetime', '2026-01-22T12:09:23.1433333+02:00', 'datetime(2026-01-22T10:09:23.1433333Z)'],
    ['datetime', '2026-01-22', 'datetime(2026-01-22T00:00:00.0000000Z)'],
    ['datetime', '2026-01-22 08:00:00', 'datetime(2026-01-22T08:00:00.0000000Z)'],
    ['timespan', '7d', 'time(7.00:00:00.0000000)'],
    ['timespan', '-1.5h', 'time(-0.01:30:00.0000000)'],
    ['timespan', '1.02:03:04.5', 'time(1.02:03:04.5000000)'],
    ['timespan', 'P1DT2H3M4.5S', 'time(1.02:03:04.5000000)'],
    ['timespan', 'P2W', 'time(14.00:00:00.0000000)'],
    ['timespan', '10ticks', 'time(0.00:00:00.0000010)'],
    ['guid', '74BE27DE-1E4E-49D9-B579-FE0B331D3642', 'guid(74be27de-1e4e-49d9-b579-fe0b331d3642)'],
  ])('%s %j', (type, value, literal) => {
    expect(bindParameters(declared(type), { p: value })).toBe(`let p = ${literal};\n`);
  });

  test('lists keep order and repeats', () => {
    const list = { list: true };
    expect(bindParameters(declared('string', list), { p: ['b', 'a', 'b'] })).toBe(
      'let p = dynamic(["b", "a", "b"]);\n',
    );
    expect(bindParameters(declared('decimal', list), { p: ['1.5'] })).toBe('let p = dynamic([real(1.5)]);\n');
  });
});

describe('what was not given', () => {
  test('takes the default, else a null of the type', () => {
    expect(bindParameters(declared('timespan', { default: '1h' }), {})).toBe(
      'let p = time(0.01:00:00.0000000);\n',
    );
    expect(bindParameters(declared('long', { required: false }), {})).toBe('let p = long(null);\n');
    expect(bindParameters(declared('timespan', { required: false }), {})).toBe('let p = time(null);\n');
    expect(bindParameters(declared('string', { required: false }), {})).toBe('let p = "";\n');
    expect(bindParameters(declared('guid', { required: false, list: true }), {})).toBe(
      'let p = dynamic([]);\n',
    );
  });

  test('is missing where it is required, also when it is null', () => {
    expect(faultsOf(declared('long'), {})).toEqual(['"p" (long) is required']);
    expect(faultsOf(declared('long'), { p: null })).toEqual(['"p" (long) is required']);
  });

  test('nothing inherited is taken for a value', () => {
    const [first] = declared('string', { name: 'toString' });
    expect(faultsOf([first as ParameterDeclaration], {})).toEqual(['"toString" (string) is required']);
  });
});

describe('what a type does not hold is refused', () => {
  test.each<[ScalarType, unknown]>([
    ['string', 5],
    ['string', 'half \ud83d'],
    ['string', 'x'.repeat(64 * 1024 + 1)],
    ['int', 2_147_483_648],
    ['int', 1.5],
    ['int', '1e3'],
    ['long', 2 ** 53],
    ['long', '9223372036854775808'],
    ['long', ''],
    ['real', '1e400'],
    ['real', '1); drop'],
    ['real', true],
    ['decimal', '1e5'],
    ['decimal', '.'],
    ['decimal', '12345678901234567890123456789012345'],
    ['bool', 1],
    ['datetime', '2026-02-31'],
    ['datetime', 'now()'],
    ['datetime', 1_700_000_000_000],
    ['timespan', 'P1M'],
    ['timespan', 'P'],
    ['timespan', '25:00'],
    ['timespan', '99999999999d'],
    ['timespan', 5],
    ['guid', '{74be27de-1e4e-49d9-b579-fe0b331d3642}'],
    ['guid', '74be27de-1e4e-49d9-b579-fe0b331d3642) | where true //'],
  ])('%s %j', (type, value) => {
    const [fault] = faultsOf(declared(type), { p: value });
    expect(fault).toMatch(new RegExp(`^"p" \\(${type}\\) (is|has|holds) `));
  });

  test('a list in which one decimal would lose digits', () => {
    expect(faultsOf(declared('decimal', { list: true }), { p: ['0.12345678901234567890'] })).toEqual([
      '"p" (list of decimal) has more digits than KQL keeps in a list of decimals (which are reals there)',
    ]);
  });

  test('a text for a list, a list for a text, too long a list', () => {
    expect(faultsOf(declared('string', { list: true }), { p: 'a' })[0]).toContain('is no list');
    expect(faultsOf(declared('string'), { p: ['a'] })[0]).toContain('is no text');
    expect(faultsOf(declared('int', { list: true }), { p: Array(10_001).fill(1) })[0]).toContain('10000');
  });
});

describe('the rules of a declaration', () => {
  test('allowed values are compared by what they mean', () => {
    const rule = declared('timespan', { allowed: ['1h', '1d'] });
    expect(faultsOf(rule, { p: '24h' })).toEqual([]);
    expect(faultsOf(rule, { p: '2h' })).toEqual(['"p" (timespan) must be one of 1h, 1d']);
  });

  test('a pattern must match the whole text, in time linear to it', () => {
    const rule = declared('string', { pattern: '(a+)+' });
    expect(faultsOf(rule, { p: 'aaa' })).toEqual([]);
    expect(faultsOf(rule, { p: `${'a'.repeat(2_000)}!` })[0]).toContain('must match the pattern');
    expect(faultsOf(declared('string', { pattern: '[a-z]' }), { p: 'ab' })).toHaveLength(1);
  });

  test('ranges hold for numbers, times and spans, ends included', () => {
    const days = declared('timespan', { min: '1d', max: '30d' });
    expect(faultsOf(days, { p: 'P30D' })).toEqual([]);
    expect(faultsOf(days, { p: '30.00:00:00.0000001' })[0]).toContain('must be at most 30d');
    expect(faultsOf(declared('long', { min: 3 }), { p: 2 })[0]).toContain('must be at least 3');
    const since = declared('datetime', { min: '2026-01-01' });
    expect(faultsOf(since, { p: '2025-12-31T23:59:59.9999999Z' })[0]).toContain('at least 2026-01-01');
  });

  test('hold for each value of a list', () => {
    expect(faultsOf(declared('int', { list: true, max: 9 }), { p: [1, 10] })[0]).toContain('at most 9');
  });
});

test('all faults are named together, with the parameters there are', () => {
  const two = [...declared('int'), ...declared('bool', { name: 'q' })];
  expect(faultsOf(two, { p: 'x', q: 'y', r: 1 })).toEqual([
    '"r" is not one of its parameters (p, q)',
    '"p" (int) is no whole number',
    '"q" (bool) is neither true nor false',
  ]);
});

test('a refused value is not repeated', () => {
  const values = { p: 'secret-looking-value' };
  expect(faultsOf(declared('int'), values).join()).not.toContain('secret');
});

describe('a declaration is judged itself', () => {
  test.each<[string, Partial<ParameterDeclaration>, string]>([
    ['pattern', { pattern: '(' }, 'its pattern is no regular expression of RE2'],
    ['default', { default: 5 }, 'its default is no text'],
    ['default outside', { default: 'c', allowed: ['a'] }, 'its default must be one of a'],
    ['allowed', { allowed: [1] }, 'its allowed value is no text'],
    ['range of a text', { min: 'a' }, 'its lowest value has no order, so it cannot have a range'],
  ])('%s', (_what, more, fault) => {
    const faults = declarationFaults({ name: 'p', type: 'string', list: false, required: false, ...more });
    expect(faults.map((each) => each.fault)).toContain(fault);
  });

  test('and may be right', () => {
    expect(
      declarationFaults({
        name: 'p',
        type: 'int',
        list: true,
        required: false,
        default: [1, 2],
        min: 1,
        max: 2,
      }),
    ).toEqual([]);
  });
});
