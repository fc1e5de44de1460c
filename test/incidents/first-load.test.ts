import { describe, expect, it } from 'vitest';
import { paddedFromMs } from '../../shared/time.ts';
import { serviceDown } from '../support/model-source.ts';
import { expectStoreToEqualModel, seedHistory } from '../support/sync-expectations.ts';
import { createSyncRig } from '../support/sync-rig.ts';
import { TENANT_ID } from '../support/tenant-with.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('first load', () => {
  it('loads everything since the start of the backfill, announcing nothing of it', async () => {
    const rig = createSyncRig();
    seedHistory(rig, 400);
    rig.source.upsert({ id: 'ancient', lastUpdate: paddedFromMs(rig.clock.now() - 31 * DAY) });
    await rig.settle();
    rig.source.incidents.delete('ancient');
    expectStoreToEqualModel(rig);
    expect(rig.record('ancient')).toBeUndefined();
    expect(rig.state().counts.incidents).toBe(400);
    expect(rig.state().firstLoad?.doneMs).toBeDefined();
    expect(rig.feed()).toEqual([]);
  });

  it('reads what is new first, in every run of a long load', async () => {
    const rig = createSyncRig({ budgetMs: 1 });
    seedHistory(rig, 300);
    let lists = 0;
    rig.source.before = (call) => {
      if (call === 'list') rig.clock.advance(lists++ % 3);
    };
    expect(await rig.run()).toBe('more');
    rig.source.upsert({ id: 'urgent' });
    rig.clock.advance(MINUTE);
    expect(await rig.run()).toBe('more');
    expect(rig.record('urgent')).toBeDefined();
    expect(rig.feed().map(({ id }) => id)).toEqual(['urgent']);
    expect(rig.store.messages.map(({ text }) => JSON.parse(text))).toEqual([
      { v: 1, tenant: TENANT_ID },
      { v: 1, tenant: TENANT_ID },
    ]);
    rig.source.before = () => {};
    await rig.settle();
    expectStoreToEqualModel(rig);
  });

  it('halves a slice that does not fit a page, down to one tick', async () => {
    const rig = createSyncRig({ maxTop: 5 });
    seedHistory(rig, 40);
    const crowded = paddedFromMs(rig.clock.now() - 3 * DAY);
    for (let n = 0; n < 12; n++)
      rig.source.upsert({ id: `same-${n}`, lastUpdate: crowded, created: crowded });
    await rig.settle();
    expectStoreToEqualModel(rig);
  });

  it('sets the watermark before anything is loaded, by the service’s clock', async () => {
    const rig = createSyncRig();
    rig.source.before = (call) => {
      if (call === 'list' && rig.source.calls.list === 2) throw serviceDown();
    };
    await rig.run();
    expect(rig.state().head?.watermark).toBe(paddedFromMs(rig.clock.now() - 10 * MINUTE));
  });
});
