import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { paddedFromMs } from '../../shared/time.ts';
import { createSyncRig, type SyncRig } from '../support/sync-rig.ts';

// Defects that the property test (test/faults) has found, each as short as it can be.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An incident whose last update was so long ago. */
function old(rig: SyncRig, id: string, ageMs: number): void {
  const lastUpdate = paddedFromMs(rig.clock.now() - ageMs);
  rig.source.upsert({ id, lastUpdate, created: lastUpdate });
}

describe('first load', () => {
  it('is done, although the run that stored its last slice died right after', async () => {
    const rig = createSyncRig({ sync: { backfillDays: 1 } });
    old(rig, 'a', 23 * HOUR);
    const { transact } = rig.store.table;
    rig.store.table.transact = async (partition, writes) => {
      const etag = await transact(partition, writes);
      if (writes.some(({ key }) => key === 'c|a')) throw new OutriderError('storage.refused', 'the end');
      return etag;
    };
    await expect(rig.run()).rejects.toThrow('the end');
    rig.store.table.transact = transact;
    rig.clock.advance(HOUR);
    await rig.settle();
    expect(rig.record('a')).toBeDefined();
    expect(rig.state().firstLoad?.doneMs).toBeDefined();
  });

  it('comes to its end where head alone uses up every run', async () => {
    const rig = createSyncRig({ budgetMs: 1_000 });
    old(rig, 'a', 3 * DAY);
    rig.source.before = () => rig.clock.advance(2_000);
    await rig.settle();
    expect(rig.record('a')).toBeDefined();
    expect(rig.state().retainedDay).toBeDefined();
  });

  it('shares no time with head: what was there before is not announced', async () => {
    const rig = createSyncRig({ sync: { overlapMinutes: 10 } });
    old(rig, 'a', 21 * MINUTE);
    old(rig, 'b', 19 * MINUTE);
    await rig.settle();
    const { firstLoad } = rig.state();
    for (const { id, lastUpdate } of rig.feed()) {
      expect(lastUpdate >= String(firstLoad?.to), `${id} belongs to the first load`).toBe(true);
    }
    expect(rig.record('a')).toBeDefined();
    expect(rig.record('b')).toBeDefined();
  });
});

it('a window that is handed over again and again waits as one stretch', async () => {
  const rig = createSyncRig({ maxTop: 2 });
  await rig.settle();
  for (let n = 0; n < 60; n++) rig.source.upsert({ id: `burst-${n}` });
  rig.source.before = (call) => {
    if (call === 'list') rig.clock.advance(5_000);
  };
  for (let run = 0; run < 4; run++) {
    rig.clock.advance(10_000);
    await rig.run();
    expect(rig.state().stretches.length).toBeLessThanOrEqual(1);
  }
});

describe('sweep', () => {
  it('marks the newest of all when it vanishes within the second in which it came', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.clock.advance(400);
    rig.source.upsert({ id: 'a' });
    await rig.run();
    expect(rig.record('a')).toBeDefined();
    rig.source.incidents.delete('a');
    for (let day = 0; day < 2; day++) {
      rig.clock.advance(25 * HOUR);
      await rig.settle();
    }
    expect(rig.record('a')?.notSeenSince).toBeDefined();
  });

  it('takes the mark away where pages come without alerts, too', async () => {
    const rig = createSyncRig();
    await rig.settle();
    const incident = rig.source.upsert({ id: 'a' });
    await rig.settle();
    rig.source.incidents.delete('a');
    rig.clock.advance(25 * HOUR);
    await rig.settle();
    expect(rig.record('a')?.notSeenSince).toBeDefined();
    rig.source.incidents.set('a', incident);
    rig.source.before = (call, query) => {
      if (call === 'list' && 'withAlerts' in query && query.withAlerts === true)
        throw new OutriderError('upstream.unavailable', 'cannot expand');
    };
    await rig.settle();
    expect(rig.record('a')?.notSeenSince).toBeUndefined();
  });

  it('takes the mark away from one that is listed again as it was', async () => {
    const rig = createSyncRig();
    const incident = rig.source.upsert({ id: 'a' });
    await rig.settle();
    rig.clock.advance(HOUR);
    rig.source.upsert({ id: 'newer' });
    await rig.settle();
    rig.source.incidents.delete('a');
    rig.clock.advance(25 * HOUR);
    await rig.settle();
    expect(rig.record('a')?.notSeenSince).toBeDefined();
    rig.source.incidents.set('a', incident);
    rig.clock.advance(25 * HOUR);
    await rig.settle();
    expect(rig.record('a')?.notSeenSince).toBeUndefined();
    expect(rig.history('a')).toHaveLength(1);
  });
});

it('a changed alert is not lost where its incident can be read only without alerts at first', async () => {
  const rig = createSyncRig();
  const alert = { id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title: 'before' };
  const incident = rig.source.upsert({ id: 'a', alerts: [alert] });
  await rig.settle();
  for (let hour = 0; hour < 2; hour++) {
    rig.clock.advance(HOUR);
    rig.source.upsert({ id: 'newer', title: `${hour}` });
    await rig.settle();
  }
  rig.clock.advance(MINUTE);
  incident.alerts[0] = { ...alert, lastUpdate: paddedFromMs(rig.clock.now()), title: 'after' };
  rig.source.before = (call, query) => {
    if (call === 'get' && 'withAlerts' in query && query.withAlerts === true)
      throw new OutriderError('upstream.too_large', 'once');
  };
  rig.clock.advance(5_000);
  await rig.run();
  rig.source.before = () => {};
  expect(rig.state().pending.map(({ id }) => id)).toEqual(['a']);
  rig.clock.advance(HOUR);
  await rig.settle();
  expect(rig.text('a')).toContain('after');
  expect(rig.state().pending).toEqual([]);
});

it('a change of a stored incident is announced although the first load finds it', async () => {
  const rig = createSyncRig({ budgetMs: 1 });
  old(rig, 'a', 3 * DAY);
  old(rig, 'newer', DAY);
  const incident = rig.source.incidents.get('a');
  const change = (title: string): void => {
    if (incident) incident.alerts = [{ id: 'x', lastUpdate: paddedFromMs(rig.clock.now()), title }];
  };
  change('one');
  rig.source.before = () => rig.clock.advance(2);
  await rig.run();
  expect(rig.text('a')).toContain('one');
  rig.clock.advance(5_000);
  change('two');
  rig.source.before = (call) => {
    if (call === 'alerts') throw new OutriderError('upstream.forbidden', 'for now');
  };
  for (let run = 0; run < 40; run++) await rig.run();
  expect(rig.state().stretches).toEqual([]);
  rig.source.before = () => {};
  await rig.settle();
  expect(rig.text('a')).toContain('two');
  expect(rig.feed().map(({ id }) => id)).toEqual(['a', 'a']);
});

it('an update that the first load happens to read is announced', async () => {
  const rig = createSyncRig();
  old(rig, 'a', 3 * DAY);
  rig.source.before = (call, query) => {
    if (call === 'list' && 'withAlerts' in query && query.withAlerts === true)
      throw new OutriderError('upstream.unavailable', 'cannot expand');
    if (call === 'get' && rig.source.incidents.get('a')?.title !== 'after')
      rig.source.upsert({ id: 'a', title: 'after' });
  };
  await rig.settle();
  expect(rig.feed().map(({ title }) => title)).toEqual(['after']);
});
