import { describe, expect, it } from 'vitest';
import { createSyncRig } from '../support/sync-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('retention', () => {
  it('lets go of old versions and of resolved incidents, never of the current version or of what is open', async () => {
    const rig = createSyncRig({ sync: { historyDays: 10, resolvedDays: 20 } });
    await rig.settle();
    for (const title of ['one', 'two', 'three']) {
      rig.source.upsert({ id: 'open', title });
      rig.source.upsert({ id: 'closed', title, status: title === 'three' ? 'resolved' : 'active' });
      rig.clock.advance(MINUTE);
      await rig.run();
    }
    rig.clock.advance(12 * DAY);
    await rig.settle();
    expect(rig.history('open').map(({ title }) => title)).toEqual(['three']);
    expect(rig.record('closed')).toBeDefined();
    rig.source.incidents.delete('closed');
    rig.clock.advance(9 * DAY);
    await rig.settle();
    expect(rig.record('closed')).toBeUndefined();
    expect(rig.history('closed')).toEqual([]);
    expect(rig.record('open')?.title).toBe('three');
    expect(rig.state().counts.incidents).toBe(1);
    rig.clock.advance(8 * DAY);
    await rig.settle();
    expect(rig.store.blobNames().filter((name) => name.includes('/incidents/'))).toHaveLength(1);
  });

  it('keeps to the time of a run while it collects blobs, however many a page of them names', async () => {
    const rig = createSyncRig();
    await rig.settle();
    const name = (n: number): string => `${rig.tenant.id}/incidents/i${n}!${'0'.repeat(64)}.json.gz`;
    for (let n = 0; n < 300; n++) await rig.store.blobs.put(name(n), new Uint8Array(1));
    rig.clock.advance(8 * DAY);
    const { deleteIf } = rig.store.blobs;
    rig.store.blobs.deleteIf = (...asked) => {
      rig.clock.advance(1_000);
      return deleteIf(...asked);
    };
    await rig.settle();
    const took = rig.events.flatMap(({ event, fields }) =>
      event === 'sync.run' && fields && 'ms' in fields ? [Number(fields.ms)] : [],
    );
    expect(Math.max(...took)).toBeLessThan(100_000);
    expect(rig.store.blobNames().filter((found) => found.includes('/incidents/'))).toEqual([]);
  });

  it('deletes nothing under a legal hold', async () => {
    const rig = createSyncRig({ sync: { historyDays: 1, resolvedDays: 1, legalHold: true } });
    await rig.settle();
    for (const status of ['active', 'resolved']) {
      rig.source.upsert({ id: 'a', status });
      rig.clock.advance(MINUTE);
      await rig.run();
    }
    rig.clock.advance(50 * DAY);
    await rig.settle();
    expect(rig.history('a')).toHaveLength(2);
  });
});
