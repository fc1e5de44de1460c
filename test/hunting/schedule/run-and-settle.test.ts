import { describe, expect, it } from 'vitest';
import { recordPoisonedSchedule } from '../../../shared/hunting/schedule/poisoned.ts';
import {
  cancelRunAndSettle,
  recordPoisonedAndSettle,
} from '../../../shared/hunting/schedule/run-and-settle.ts';
import { runScheduledHunt } from '../../../shared/hunting/schedule/run-scheduled.ts';
import { TENANT_ID } from '../../support/tenant-with.ts';
import { createScheduleRig, HOUR, QUERY } from './schedule-rig.ts';

describe('a message that failed again and again', () => {
  it('of a schedule is told in the state of its query, and the next due time tries again', async () => {
    const rig = createScheduleRig();
    const message = { v: 1, tenant: TENANT_ID, queryId: QUERY.id, dueMs: 1 };
    await recordPoisonedSchedule(rig.dependencies(), message);
    await recordPoisonedSchedule(rig.dependencies(), '{');
    expect(await rig.state()).toMatchObject({
      failing: { code: 'internal', count: 1 },
      watermarkMs: 1 - HOUR,
    });
    expect(rig.logged.filter(({ event }) => event === 'hunt.schedule_poisoned')).toHaveLength(2);
    await rig.tick();
    expect((await rig.state())?.failing).toBeUndefined();
  });
});

describe('a scheduled run that somebody ended', () => {
  /** A run that is asked for, and not begun. */
  async function asked() {
    const rig = createScheduleRig();
    const message = { v: 1, tenant: TENANT_ID, queryId: QUERY.id, dueMs: 1 };
    await rig.clock.run(runScheduledHunt(rig.dependencies(), message));
    return { rig, run: (await rig.state())?.active?.run ?? '' };
  }

  it('by cancelling is not waited for, and nothing is called failing', async () => {
    const { rig, run } = await asked();
    const target = { tenant: TENANT_ID, run, by: 'analyst' };
    const ended = await rig.clock.run(cancelRunAndSettle(rig.dependencies(), target));
    expect(ended).toMatchObject({ id: run, state: 'cancelled', cancelledBy: 'analyst' });
    const state = await rig.state();
    expect(state).toMatchObject({ lastRun: { run, state: 'cancelled', announced: 0 } });
    expect([state?.active, state?.failing, state?.lastSuccessMs]).toEqual([undefined, undefined, undefined]);
    const absent = { ...target, run: `${run.slice(0, -1)}${run.endsWith('0') ? '1' : '0'}` };
    expect(await cancelRunAndSettle(rig.dependencies(), absent)).toBeUndefined();
  });

  it('by messages that failed for good is not waited for, and its query says that it is failing', async () => {
    const { rig, run } = await asked();
    await rig.clock.run(recordPoisonedAndSettle(rig.dependencies(), rig.store.messages[0]?.text));
    const state = await rig.state();
    expect(state).toMatchObject({ failing: { code: 'internal', run }, lastRun: { run, state: 'failed' } });
    expect(state?.active).toBeUndefined();
  });
});
