import { describe, expect, it } from 'vitest';
import { once } from '../shared/once.ts';

describe('what is built once', () => {
  it('is built on first use, for all who ask', async () => {
    let builds = 0;
    const part = once(async () => ++builds);
    expect(builds).toBe(0);
    expect(await Promise.all([part(), part()])).toEqual([1, 1]);
    expect(await part()).toBe(1);
  });

  it('is built again after a failure, also one that is told later', async () => {
    let tries = 0;
    const build = (): number => {
      tries += 1;
      if (tries % 2 === 1) throw new Error(`try ${tries}`);
      return tries;
    };
    const atOnce = once(build);
    expect(atOnce).toThrow('try 1');
    expect(atOnce()).toBe(2);

    const later = once(async () => build());
    await Promise.all([expect(later()).rejects.toThrow('try 3'), expect(later()).rejects.toThrow('try 3')]);
    expect(await later()).toBe(4);
    expect(await later()).toBe(4);
  });
});
