import { describe, expect, it } from 'vitest';
import { cancelRun, supersedeRun } from '../../../shared/hunting/run/end-run.ts';
import { newRunId } from '../../../shared/hunting/run/names.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { body, ROW } from './answers.ts';
import { createHuntRig, TENANT } from './hunt-rig.ts';

describe('cancelling', () => {
  it('ends a queued run at once, and a superseded one alike', async () => {
    const rig = createHuntRig(() => body(ROW));
    const first = await rig.request();
    const second = await rig.request();
    const by = { tenant: TENANT, by: 'analyst' };
    expect(await cancelRun(rig.direct, { ...by, run: first.id })).toMatchObject({
      state: 'cancelled',
      cancelledBy: 'analyst',
    });
    expect(await supersedeRun(rig.direct, { ...by, run: second.id })).toMatchObject({
      state: 'superseded',
      supersededBy: 'analyst',
    });
    await rig.settle();
    expect(rig.wire.sent).toHaveLength(0);
    expect(await cancelRun(rig.direct, { ...by, run: newRunId(TENANT, 0) })).toBeUndefined();
  });

  it('stops a run under way within half a minute, and leaves one that has ended', async () => {
    const rig: ReturnType<typeof createHuntRig> = createHuntRig(async () => {
      await rig.clock.sleep(100_000);
      return body(ROW);
    });
    const { id } = await rig.request();
    const running = runHunt(rig.direct, rig.store.messages[0]?.text);
    const began = rig.clock.now();
    const outcome = await rig.clock.run(async () => {
      await rig.clock.sleep(5_000);
      await cancelRun(rig.direct, { tenant: TENANT, run: id, by: 'analyst' });
      return running;
    });
    expect(outcome).toBe('fenced');
    expect(rig.clock.now() - began).toBeLessThanOrEqual(35_000);
    expect(await rig.state(id)).toMatchObject({ state: 'cancelled' });
    const done = createHuntRig(() => body(ROW));
    const ended = await done.request();
    await done.settle();
    const run = await cancelRun(done.direct, { tenant: TENANT, run: ended.id, by: 'analyst' });
    expect(run).toMatchObject({ state: 'succeeded', rows: 1 });
  });
});
