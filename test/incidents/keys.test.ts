import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterPrefix, encodeId, historyKey, indexKey, indexPrefix } from '../../shared/incidents/keys.ts';
import { paddedFromTicks } from '../../shared/time.ts';

const anyId = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 500 }),
  fc.string(),
);
const anyTime = fc.bigInt({ min: 0n, max: 253_402_300_799_9999999n }).map(paddedFromTicks);

describe('encoded ids', () => {
  it('fit Azure’s keys and blob names, and never meet', () => {
    fc.assert(
      fc.property(anyId, anyId, (a, b) => {
        expect(encodeId(a)).toMatch(/^[A-Za-z0-9._=~-]*$/);
        expect(encodeId(a).length).toBeLessThanOrEqual(200);
        expect(encodeId(a) === encodeId(b)).toBe(a === b);
      }),
    );
  });

  it('leave ordinary ids readable', () => {
    expect(encodeId('2972395')).toBe('2972395');
    expect(encodeId('da637_a.b-c')).toBe('da637_a.b-c');
    expect(encodeId('a/b#c?d')).toBe('a=002fb=0023c=003fd');
  });
});

describe('row keys', () => {
  it('put later updates first, and a time’s rows between its prefix and the one a tick before', () => {
    fc.assert(
      fc.property(anyTime, anyTime, anyId, (a, b, id) => {
        if (a !== b) expect(indexKey('t', a, id) < indexKey('t', b, id)).toBe(a > b);
        expect(indexKey('o', a, id).startsWith(indexPrefix('o', a))).toBe(true);
      }),
    );
  });

  it('keep the history of one id apart from those that begin like it', () => {
    fc.assert(
      fc.property(anyId, anyId, fc.nat(), (id, other, sequence) => {
        const prefix = `h|${encodeId(id)}!`;
        const key = historyKey(other, sequence);
        expect(key >= prefix && key < afterPrefix(prefix)).toBe(id === other);
      }),
    );
  });
});
