import { expect, test } from 'vitest';
import { STATE_KEY } from '../../shared/incidents/keys.ts';
import type { Columns } from '../../shared/storage.ts';
import { paddedFromMs } from '../../shared/time.ts';
import { createSyncRig, type SyncRig } from '../support/sync-rig.ts';

/** A tenant that is synced; its rows are then as another version of Outrider would have left them. */
async function syncedBy(change: (columns: Columns, key: string) => Columns): Promise<SyncRig> {
  const rig = createSyncRig();
  rig.source.upsert({ id: 'first', lastUpdate: paddedFromMs(rig.clock.now() - 60_000) });
  await rig.settle();
  for (const { key, columns } of rig.store.rows(rig.tenant.id)) {
    await rig.store.table.transact(rig.tenant.id, [{ op: 'put', key, columns: change(columns, key) }]);
  }
  return rig;
}

test('going back a version: rows with fields that this one does not know are read, and the sync goes on', async () => {
  const rig = await syncedBy((columns, key) => ({
    ...columns,
    later: 'a column of the next version',
    ...(key === STATE_KEY
      ? { state: JSON.stringify({ ...JSON.parse(String(columns.state)), later: { of: 'the next' } }) }
      : {}),
  }));
  rig.clock.advance(3_600_000);
  rig.source.upsert({ id: 'second', lastUpdate: paddedFromMs(rig.clock.now() - 1_000) });
  await rig.settle();
  expect(rig.state().counts.incidents).toBe(2);
  for (const id of ['first', 'second']) expect(rig.text(id)).toContain(`"${id}"`);
  // What the next version finds when it is deployed again.
  expect(rig.state()).toMatchObject({ later: { of: 'the next' } });
});

test('a format that this version does not know stops the tenant, names what to deploy, and is left as it is', async () => {
  const rig = await syncedBy((columns, key) => (key === STATE_KEY ? { ...columns, v: 2 } : columns));
  const before = JSON.stringify(rig.store.rows(rig.tenant.id));
  rig.clock.advance(3_600_000);
  rig.source.upsert({ id: 'second', lastUpdate: paddedFromMs(rig.clock.now() - 1_000) });
  await expect(rig.run()).rejects.toMatchObject({
    code: 'storage.unreadable',
    message: expect.stringMatching(
      /has format 2; this version of Outrider reads format 1\. Deploy the version that wrote it\./,
    ),
  });
  expect(JSON.stringify(rig.store.rows(rig.tenant.id))).toBe(before);
});
