import { describe, expect, test } from 'vitest';
import { formatTime, laterThan, timeKey, timeMs, withDigits } from '../../../lab/defender/times.ts';

describe('the sort key of a time', () => {
  test.each([
    ['2026-01-22T12:09:23.1433333Z', '2026-01-22T12:09:23.143333300000'],
    ['2026-01-22T12:09:23Z', '2026-01-22T12:09:23.000000000000'],
    ['2026-01-22T00:09:23.5+02:30', '2026-01-21T21:39:23.500000000000'],
    ['2026-01-22T12:09:23.123456789012Z', '2026-01-22T12:09:23.123456789012'],
  ])('%s', (time, key) => {
    expect(timeKey(time)).toBe(key);
  });

  test.each([
    '2026-01-22T12:09:23',
    '2026-01-22',
    '2026-13-22T12:09:23Z',
    '2026-01-22T12:09:23.1234567890123Z',
    '',
    null,
    5,
  ])('none for %s', (value) => {
    expect(timeKey(value)).toBeUndefined();
  });
});

test('a time is written with seven digits and read back to the millisecond', () => {
  expect(formatTime(Date.UTC(2026, 0, 22, 12, 9, 23, 143), 3333)).toBe('2026-01-22T12:09:23.1433333Z');
  expect(timeMs('2026-01-22T12:09:23.1433333Z')).toBe(Date.UTC(2026, 0, 22, 12, 9, 23, 143));
  expect(() => timeMs('soon')).toThrow(/soon/);
});

test.each([
  ['2026-01-01T00:00:00.0000000Z', '2026-01-01T00:00:00.0000001Z', '2026-01-01T00:00:00.0000001Z'],
  ['2026-01-01T00:00:00.0000001Z', '2026-01-01T00:00:00.0000001Z', '2026-01-01T00:00:00.0000002Z'],
  ['2026-12-31T23:59:59.9999999Z', '2026-01-01T00:00:00.0000000Z', '2027-01-01T00:00:00.0000000Z'],
])('later than %s: %s becomes %s', (floor, time, expected) => {
  expect(laterThan(floor, time)).toBe(expected);
});

test.each([
  [7, '2026-01-01T00:00:00.1200000Z'],
  [3, '2026-01-01T00:00:00.120Z'],
  [0, '2026-01-01T00:00:00Z'],
  ['trimmed', '2026-01-01T00:00:00.12Z'],
] as const)('%s digits', (digits, expected) => {
  expect(withDigits('2026-01-01T00:00:00.1200000Z', digits)).toBe(expected);
  expect(withDigits('2026-01-01T00:00:00.0000000Z', 'trimmed')).toBe('2026-01-01T00:00:00Z');
});
