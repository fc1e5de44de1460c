import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayBecome, mayBegin, TENANT_STATES, type TenantState } from '../../shared/tenants/states.ts';

const state = fc.constantFrom(...TENANT_STATES);

/** Follows what is allowed of a series of wishes, as a record would. */
function follow(first: TenantState, wishes: readonly TenantState[]): TenantState[] {
  const path = [first];
  for (const wish of wishes) {
    const at = path.at(-1) ?? first;
    if (mayBecome(at, wish)) path.push(wish);
  }
  return path;
}

describe('the states of a tenant', () => {
  it('lead to active only past a consent, a suspension or a registration', () => {
    fc.assert(
      fc.property(state, fc.array(state, { maxLength: 30 }), (first, wishes) => {
        const path = follow(first, wishes);
        for (const [index, at] of path.entries()) {
          const before = path[index - 1];
          if (at === 'active' && before !== undefined)
            expect(['active', 'consented', 'suspended']).toContain(before);
        }
      }),
    );
  });

  it('end with offboarded, from everywhere, for good', () => {
    fc.assert(
      fc.property(state, fc.array(state, { maxLength: 30 }), (first, wishes) => {
        const path = follow(first, wishes);
        const end = path.indexOf('offboarded');
        if (end >= 0) expect(new Set(path.slice(end))).toEqual(new Set(['offboarded']));
        expect(mayBecome(path.at(-1) ?? first, 'offboarded')).toBe(true);
      }),
    );
  });

  it('never go back to an invitation', () => {
    for (const from of TENANT_STATES) {
      expect(mayBecome(from, 'invited')).toBe(from === 'invited');
      expect(mayBecome(from, from)).toBe(true);
    }
    expect(mayBecome('invited', 'active')).toBe(false);
    expect(mayBecome('consented', 'suspended')).toBe(false);
  });

  it('begin for whoever is new or gone whole, and never as consented', () => {
    fc.assert(
      fc.property(
        fc.option(fc.record({ state, removed: fc.boolean() }), { nil: undefined }),
        state,
        (before, first) => {
          const free = before === undefined || (before.state === 'offboarded' && before.removed);
          expect(mayBegin(before, first)).toBe(free && ['invited', 'active', 'suspended'].includes(first));
        },
      ),
    );
  });
});
