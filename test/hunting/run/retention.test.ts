import { describe, expect, it } from 'vitest';
import { cancelRun } from '../../../shared/hunting/run/end-run.ts';
import { recordPoisonedHunt } from '../../../shared/hunting/run/poisoned.ts';
import { pruneRuns } from '../../../shared/hunting/run/retention.ts';
import { body, ROW } from './answers.ts';
import { createHuntRig, TENANT } from './hunt-rig.ts';

describe('retention', () => {
  it('deletes old runs that ended, with their blobs and keys, and nothing else', async () => {
    const rows = Array.from({ length: 60 }, (_, n) => `{"N":${n},"x":"${'x'.repeat(900)}"}`);
    const rig = createHuntRig(() => body(...rows));
    await rig.request({ idempotencyKey: 'k' });
    await rig.settle();
    const queued = await rig.request();
    const untilMs = rig.clock.now();
    rig.clock.advance(1_000);
    const fresh = await rig.request();
    expect(rig.store.blobNames()).not.toEqual([]);
    expect(await pruneRuns(rig.direct, { tenant: TENANT, untilMs })).toBe(1);
    expect(rig.store.blobNames()).toEqual([]);
    const keys = rig.store.rows(TENANT).map(({ key }) => key);
    expect(keys).toEqual(['q', `r|${fresh.id.slice(37)}`, `r|${queued.id.slice(37)}`]);
  });

  it('deletes an old run that never ended, since its message was lost, once nothing would take it up any more', async () => {
    const rig = createHuntRig(() => body(ROW));
    const { id } = await rig.request();
    const left = `${TENANT}/hunts/${id.slice(37)}/rows.holder.0001.ndjson.gz`;
    await rig.store.blobs.put(left, new Uint8Array([1]));
    const DAY = 86_400_000;
    rig.clock.advance(DAY);
    expect(await pruneRuns(rig.direct, { tenant: TENANT, untilMs: rig.clock.now() - DAY })).toBe(0);
    rig.clock.advance(DAY);
    expect(await pruneRuns(rig.direct, { tenant: TENANT, untilMs: rig.clock.now() - DAY })).toBe(1);
    expect(rig.store.blobNames()).toEqual([]);
    expect(rig.store.rows(TENANT)).toEqual([]);
    await rig.settle();
    expect(rig.wire.sent).toHaveLength(0);
  });
});

describe('blobs of old runs', () => {
  it('are looked for once for runs of the same time, and go with them however these ended', async () => {
    const rig = createHuntRig(() => body(ROW));
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) {
      ids.push((await rig.request()).id);
      rig.clock.advance(60_000);
    }
    const [failed = '', cancelled = '', waiting = '', fresh = ''] = ids;
    const left = (run: string) => `${TENANT}/hunts/${run.slice(37)}/rows.holder.0001.ndjson.gz`;
    for (const id of ids) await rig.store.blobs.put(left(id), new Uint8Array([1]));
    await recordPoisonedHunt(rig.direct, rig.store.messages[0]?.text);
    for (const run of [cancelled, fresh]) await cancelRun(rig.direct, { tenant: TENANT, run, by: 'analyst' });
    expect((await rig.state(failed))?.state).toBe('failed');
    const lists: string[] = [];
    const blobs = {
      ...rig.store.blobs,
      list(prefix: string) {
        lists.push(prefix);
        return rig.store.blobs.list(prefix);
      },
    };
    const untilMs = rig.clock.now() - 90_000;
    expect(await pruneRuns({ ...rig.direct, blobs }, { tenant: TENANT, untilMs })).toBe(2);
    expect(rig.store.blobNames()).toEqual([left(waiting), left(fresh)].sort());
    expect(lists).toHaveLength(1);
    expect(lists[0]).toMatch(/\/hunts\/\w/);
    expect(await pruneRuns({ ...rig.direct, blobs }, { tenant: TENANT, untilMs })).toBe(0);
    expect(lists).toHaveLength(1);
  });
});
