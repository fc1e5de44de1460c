import { describe, expect, test } from 'vitest';
import { parseFilter } from '../../../lab/defender/filter.ts';
import { FilterError } from '../../../lab/defender/filter-tokens.ts';

const PROPERTIES = {
  when: 'time',
  who: 'text',
  severity: ['low', 'medium', 'high'],
} as const;

const ITEM: Record<string, string | null> = {
  when: '2026-01-22T12:09:23.1433333Z',
  who: "o'hara@contoso.example",
  severity: 'high',
};

const matches = (filter: string, item = ITEM): boolean =>
  parseFilter(filter, PROPERTIES).matches((name) => item[name]);

describe('a filter that is offered', () => {
  test.each([
    ["severity eq 'high'", true],
    ["severity eq 'HIGH'", true],
    ["severity ne 'low'", true],
    ["severity eq 'low' or severity eq 'high'", true],
    ["severity eq 'high' and who eq null", false],
    ["who eq 'o''hara@contoso.example'", true],
    ['who ne null', true],
    ['when ge 2026-01-22T12:09:23.1433333Z', true],
    ['when gt 2026-01-22T12:09:23.1433333Z', false],
    ['when gt 2026-01-22T12:09:23.1433332Z', true],
    ['when lt 2026-01-22T12:09:23.143333300001Z', true],
    ['when le 2026-01-22T13:09:23.1433333+01:00', true],
    ['when lt 2026-01-22T13:09:23.1433333+01:00', false],
    ['when ge 2026-01-22T12:09:23Z and when lt 2026-01-22T12:09:24Z', true],
    // "and" binds more tightly than "or".
    ["severity eq 'high' or severity eq 'low' and who eq null", true],
    ["(severity eq 'high' or severity eq 'low') and who eq null", false],
  ])('%s: %s', (filter, expected) => {
    expect(matches(filter)).toBe(expected);
  });

  test('an absent value equals null only, and is neither before nor after a time', () => {
    const empty = { when: null, who: null, severity: null };
    expect(matches('when ge 2026-01-22T12:09:23Z', empty)).toBe(false);
    expect(matches('when lt 2026-01-22T12:09:23Z', empty)).toBe(false);
    expect(matches('who eq null', empty)).toBe(true);
    expect(matches("severity ne 'low'", empty)).toBe(true);
  });
});

describe('a filter that is not', () => {
  test.each([
    '',
    ' ',
    'severity',
    'severity eq',
    "severity eq 'high' and",
    "severity eq 'high' severity eq 'low'",
    "(severity eq 'high'",
    "severity eq 'high')",
    "severity eq 'grave'",
    "severity gt 'low'",
    'severity eq high',
    "title eq 'x'",
    "toString eq 'x'",
    "when ge '2026-01-22T12:09:23Z'",
    'when ge 2026-01-22',
    'when ge 2026-02-30T25:00:00Z',
    'when gt null',
    "who eq 'open",
    "not (severity eq 'high')",
    "severity in ('high')",
    "contains(who,'x')",
    "severity EQ 'high'",
  ])('"%s"', (filter) => {
    expect(() => matches(filter)).toThrow(FilterError);
  });
});

describe('the range that a filter leaves for a time', () => {
  const range = (filter: string) => parseFilter(filter, PROPERTIES).rangeOf('when');
  const from = '2026-01-01T00:00:00.000000000000';
  const to = '2026-02-01T00:00:00.000000000000';

  test.each([
    ['when ge 2026-01-01T00:00:00Z and when lt 2026-02-01T00:00:00Z', { from, to }],
    ["severity eq 'high' and (when gt 2026-01-01T00:00:00Z)", { from }],
    ['when ge 2025-01-01T00:00:00Z and when ge 2026-01-01T00:00:00Z', { from }],
    ['when eq 2026-01-01T00:00:00Z', { from, to: from }],
    ["when ge 2026-01-01T00:00:00Z or severity eq 'high'", {}],
    ["who eq 'x'", {}],
    ['when ne 2026-01-01T00:00:00Z', {}],
  ])('%s', (filter, expected) => {
    expect(range(filter)).toEqual(expected);
  });
});
