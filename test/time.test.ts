import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMs, addTicks, paddedFromTicks, padTime, ticksFromPadded } from '../shared/time.ts';

const ticks = fc.bigInt({ min: -62_135_596_800_0000000n, max: 253_402_300_799_9999999n });

describe('padded times', () => {
  it.each([
    ['2026-01-22T12:09:23.1433333Z', '2026-01-22T12:09:23.1433333Z'],
    ['2026-01-22T12:09:23Z', '2026-01-22T12:09:23.0000000Z'],
    ['2026-01-22T12:09:23.1Z', '2026-01-22T12:09:23.1000000Z'],
    ['2026-01-22T12:09:23.123456789Z', '2026-01-22T12:09:23.1234567Z'],
    ['2026-01-22T14:09:23.5+02:00', '2026-01-22T12:09:23.5000000Z'],
  ])('%s becomes %s', (text, padded) => {
    expect(padTime(text)).toBe(padded);
  });

  it.each([
    '',
    'yesterday',
    '2026-01-22',
    '2026-13-45T00:00:00Z',
    '2026-02-31T00:00:00Z',
    '9999-12-31T23:59:59-10:00',
    '2026-01-22T12:09:23',
  ])('%s is none', (text) => {
    expect(padTime(text)).toBeUndefined();
  });

  it('compare as the times they stand for, and lose nothing', () => {
    fc.assert(
      fc.property(ticks, ticks, (a, b) => {
        expect(ticksFromPadded(paddedFromTicks(a))).toBe(a);
        expect(paddedFromTicks(a) < paddedFromTicks(b)).toBe(a < b);
      }),
    );
  });

  it('move by milliseconds and by ticks with all digits kept', () => {
    expect(addMs('2026-01-22T12:09:23.1433333Z', 1)).toBe('2026-01-22T12:09:23.1443333Z');
    expect(addMs('2026-01-01T00:00:00.0000001Z', -1)).toBe('2025-12-31T23:59:59.9990001Z');
    expect(addTicks('2026-01-01T00:00:00.0000000Z', -1)).toBe('2025-12-31T23:59:59.9999999Z');
  });
});
