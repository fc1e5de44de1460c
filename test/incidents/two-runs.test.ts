import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { expectStoreToEqualModel } from '../support/sync-expectations.ts';
import { createSyncRig } from '../support/sync-rig.ts';
import { TENANT_ID } from '../support/tenant-with.ts';

const MINUTE = 60_000;

describe('two runs at once', () => {
  it('write each version once; the overtaken one starts again from what is stored', async () => {
    const rig = createSyncRig();
    await rig.settle();
    for (let n = 0; n < 30; n++) rig.source.upsert({ id: `i${n}` });
    rig.clock.advance(MINUTE);
    const outcomes = await Promise.all([rig.run(), rig.run()]);
    expect(outcomes).toContain('done');
    expect(rig.feed()).toHaveLength(30);
    expect(new Set(rig.feed().map(({ sequence }) => sequence)).size).toBe(30);
    expectStoreToEqualModel(rig);
  });

  it('recognise a write of their own whose answer was lost', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.upsert({ id: 'a' });
    rig.clock.advance(MINUTE);
    const { transact } = rig.store.table;
    let lost = 0;
    rig.store.table.transact = async (partition, writes) => {
      await transact(partition, writes);
      if (lost++ === 0) throw new OutriderError('storage.unavailable', 'answer lost');
      return rig.store.rows(partition).find(({ key }) => key === 's')?.etag ?? '';
    };
    expect(await rig.run()).toBe('done');
    expect(rig.feed()).toHaveLength(1);
  });

  it('never bring a removed tenant back', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.upsert({ id: 'a' });
    const { incidentPages } = rig.source;
    rig.source.incidentPages = (query) => {
      const row = rig.store.rows(TENANT_ID).find(({ key }) => key === 's');
      const state = JSON.stringify({ ...rig.state(), removedMs: rig.clock.now() });
      if (row)
        void rig.store.table.transact(TENANT_ID, [
          { op: 'replace', key: 's', columns: { ...row.columns, state }, etag: row.etag },
        ]);
      return incidentPages(query);
    };
    expect(await rig.run()).toBe('removed');
    expect(rig.record('a')).toBeUndefined();
  });
});
