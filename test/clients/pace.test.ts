import { describe, expect, it } from 'vitest';
import { createPace, PACE_LIMITS, type PaceFamily } from '../../shared/clients/pace.ts';
import { createJumpingClock, START_MS } from '../support/jumping-clock.ts';
import { failureOf } from './harness.ts';

const A = 'tenant-a';
const B = 'tenant-b';

/** Takes as many turns as told, one after the other, and gives the moments at which they came, from the start. */
async function turns(count: number, family: PaceFamily, maxWaitMs: number): Promise<number[]> {
  const clock = createJumpingClock();
  const pace = createPace({ clock, maxWaitMs });
  const times: number[] = [];
  await clock.run(async () => {
    for (let index = 0; index < count; index += 1) {
      await pace.take({ tenant: A, family });
      times.push(clock.now() - START_MS);
      // A call takes a while, so that windows do not all begin at the same moment.
      clock.advance(index % 7 === 0 ? 130 : 0);
    }
  });
  return times;
}

const mostWithin = (times: readonly number[], ms: number): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));

describe('the pace', () => {
  it('never passes the quota of any minute, and uses it', async () => {
    const times = await turns(500, 'graph.security', 60_000);
    expect(mostWithin(times, 60_000)).toBe(120);
    expect(times.at(-1)).toBeLessThan(4.1 * 60_000);
  });

  it('keeps to both windows of the Defender XDR API', async () => {
    const times = await turns(2_000, 'xdr.incidents', 3_600_000);
    expect(mostWithin(times, 60_000)).toBe(45);
    expect(mostWithin(times, 3_600_000)).toBe(1_450);
  });

  it('stays below what is documented', () => {
    expect(PACE_LIMITS['graph.security']).toEqual([{ calls: 120, ms: 60_000 }]);
    for (const { calls, ms } of PACE_LIMITS['xdr.incidents']) {
      expect(calls).toBeLessThan(ms === 60_000 ? 50 : 1_500);
    }
  });

  it('lets callers through in the order in which they came', async () => {
    const clock = createJumpingClock();
    const pace = createPace({ clock, limits: limit(2, 1_000) });
    const order: number[] = [];
    await clock.run(
      Promise.all(
        [0, 1, 2, 3, 4, 5].map(async (index) => {
          await pace.take({ tenant: A, family: 'graph.security' });
          order.push(index);
          expect(clock.now() - START_MS).toBe(Math.floor(index / 2) * 1_000);
        }),
      ),
    );
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps tenants and families apart', async () => {
    const clock = createJumpingClock();
    const pace = createPace({ clock, limits: limit(1, 60_000), maxWaitMs: 0 });
    pace.pause(A, 'graph.security', 5_000);
    await pace.take({ tenant: A, family: 'xdr.incidents' });
    await pace.take({ tenant: B, family: 'graph.security' });
    await failureOf(pace.take({ tenant: A, family: 'graph.security' }), 'pace.exhausted');
  });

  it('refuses a wait beyond the bound at once and says how long it would be', async () => {
    const clock = createJumpingClock();
    const pace = createPace({ clock, limits: limit(1, 30_000), maxWaitMs: 20_000 });
    await pace.take({ tenant: A, family: 'graph.security' });
    clock.advance(4_000);
    const error = await failureOf(pace.take({ tenant: A, family: 'graph.security' }), 'pace.exhausted');
    expect(error.facts).toEqual({ tenant: A, retryAfterMs: 26_000 });
    expect(clock.slept).toEqual([]);
  });

  it('queues nobody behind a caller who would not wait', async () => {
    const clock = createJumpingClock();
    const pace = createPace({ clock, limits: limit(1, 10_000) });
    const caller = { tenant: A, family: 'graph.security' } as const;
    await pace.take(caller);
    const [hasty] = await clock.run(
      Promise.all([
        failureOf(pace.take({ ...caller, maxWaitMs: 5_000 }), 'pace.exhausted'),
        pace.take(caller),
      ]),
    );
    expect(hasty.facts.retryAfterMs).toBe(10_000);
    expect(clock.now() - START_MS).toBe(10_000);
  });

  it('holds everyone back while the service asked for a pause, those who wait already too', async () => {
    const clock = createJumpingClock();
    const pace = createPace({ clock, limits: limit(1, 1_000), maxWaitMs: 20_000 });
    await pace.take({ tenant: A, family: 'graph.security' });
    const second = pace.take({ tenant: A, family: 'graph.security' });
    pace.pause(A, 'graph.security', 7_000);
    await clock.run(second);
    expect(clock.now() - START_MS).toBe(7_000);
    const third = pace.take({ tenant: A, family: 'graph.security' });
    pace.pause(A, 'graph.security', 50_000);
    const error = await failureOf(clock.run(third), 'pace.exhausted');
    expect(error.facts.retryAfterMs).toBe(49_000);
  });

  it('gives the place of an aborted caller back', async () => {
    const clock = createJumpingClock();
    const pace = createPace({ clock, limits: limit(1, 1_000), maxWaitMs: 1_500 });
    const stop = new AbortController();
    await pace.take({ tenant: A, family: 'graph.security' });
    const stopped = pace.take({ tenant: A, family: 'graph.security', signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await expect(
      pace.take({ tenant: A, family: 'graph.security', signal: AbortSignal.abort(new Error('before')) }),
    ).rejects.toThrow('before');
    await clock.run(pace.take({ tenant: A, family: 'graph.security' }));
    expect(clock.now() - START_MS).toBe(1_000);
  });

  it('forgets tenants that have not called for the length of the window', async () => {
    const clock = createJumpingClock();
    const pace = createPace({ clock });
    for (let index = 0; index < 5_000; index += 1) {
      await pace.take({ tenant: `tenant-${index}`, family: 'graph.security' });
    }
    expect(pace.size()).toBe(5_000);
    clock.advance(61_000);
    await pace.take({ tenant: A, family: 'graph.security' });
    expect(pace.size()).toBe(1);
  });
});

function limit(calls: number, ms: number) {
  return { 'graph.security': [{ calls, ms }], 'xdr.incidents': [{ calls, ms }] } as const;
}
