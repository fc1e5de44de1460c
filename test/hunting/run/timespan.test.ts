import { describe, expect, it } from 'vitest';
import { isOutriderError } from '../../../shared/errors.ts';
import { coveringTimespan, halvesOf, spanOf, spanText } from '../../../shared/hunting/run/timespan.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const span = (timespan?: string): string => spanText(spanOf(timespan, NOW));

describe('a timespan', () => {
  it.each([
    [undefined, '2026-10-22T12:00:00.0000000Z/2026-11-21T12:00:00.0000000Z'],
    ['P30D', '2026-10-22T12:00:00.0000000Z/2026-11-21T12:00:00.0000000Z'],
    ['P1W', '2026-11-14T12:00:00.0000000Z/2026-11-21T12:00:00.0000000Z'],
    ['P1DT2H3M4.0000005S', '2026-11-20T09:56:55.9999995Z/2026-11-21T12:00:00.0000000Z'],
    ['PT90M', '2026-11-21T10:30:00.0000000Z/2026-11-21T12:00:00.0000000Z'],
    ['2026-11-20T00:00:00Z', '2026-11-20T00:00:00.0000000Z/2026-11-21T12:00:00.0000000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.0000000Z/2026-11-21T12:00:00.0000000Z'],
    [
      '2026-11-19T01:00:00+01:00/2026-11-20T00:00:00.1234567Z',
      '2026-11-19T00:00:00.0000000Z/2026-11-20T00:00:00.1234567Z',
    ],
    ['PT1H/2026-11-20T00:00:00Z', '2026-11-19T23:00:00.0000000Z/2026-11-20T00:00:00.0000000Z'],
    ['2026-11-20T00:00:00Z/PT1H', '2026-11-20T00:00:00.0000000Z/2026-11-20T01:00:00.0000000Z'],
  ])('%s is a span', (timespan, expected) => {
    expect(span(timespan)).toBe(expected);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    'P1M',
    'P1Y',
    '-P1D',
    '7d',
    'P0D',
    'P31D',
    'PT721H',
    '2026-11-22T00:00:00Z',
    '2026-11-20T00:00:00Z/2026-11-20T00:00:00Z',
    '2026-11-20T00:00:00Z/2026-11-19T00:00:00Z',
    '2026-09-01T00:00:00Z/2026-11-19T00:00:00Z',
    '2026-02-30T00:00:00Z/P1D',
    'P1D/P1D',
    'P1D/2026-11-20T00:00:00Z/P1D',
    '2026-11-20T00:00:00',
  ])('%s is none', (timespan) => {
    expect(() => span(timespan)).toThrow(/timespan/);
    try {
      span(timespan);
    } catch (error) {
      expect(isOutriderError(error, 'request.invalid')).toBe(true);
    }
  });

  it.each([
    ['P0D', 'is empty'],
    ['2026-11-22T00:00:00Z', 'begins in the future'],
    ['2026-11-21T12:00:00Z/P1D', 'begins in the future'],
    ['2026-11-20T00:00:00Z/2026-11-19T00:00:00Z', 'ends before it begins'],
    ['P31D', 'is longer than 30 days'],
  ])('%s is refused for what is wrong with it', (timespan, why) => {
    expect(() => span(timespan)).toThrow(`The timespan "${timespan}" ${why}`);
  });

  it('is halved into spans that meet, down to a millisecond', () => {
    let whole = spanOf('P30D', NOW);
    let levels = 0;
    for (let halves = halvesOf(whole); halves; halves = halvesOf(whole)) {
      const [earlier, later] = halves;
      expect([earlier.from, earlier.to, later.to]).toEqual([whole.from, later.from, whole.to]);
      expect(earlier.to > earlier.from && later.to > later.from).toBe(true);
      whole = levels % 2 === 0 ? earlier : later;
      levels += 1;
    }
    expect(whole.to - whole.from <= 10_000n).toBe(true);
    expect(levels).toBeLessThan(35);
  });

  it('of a call covers its slice by more than a rounding to seconds could cost', () => {
    const slice = spanOf('2026-11-20T00:00:00.5000001Z/2026-11-20T00:00:00.5000002Z', NOW);
    expect(coveringTimespan(slice)).toBe('2026-11-19T23:59:59.5000001Z/2026-11-20T00:00:01.5000002Z');
  });
});
