import { describe, expect, it } from 'vitest';
import { readIncident, readVersion, readVersions } from '../../shared/incidents/read-incident.ts';
import { recordWith, storeWith } from '../support/stored-incidents.ts';
import { createSyncRig } from '../support/sync-rig.ts';
import { TENANT_ID } from '../support/tenant-with.ts';

const keyOf = (id: string) => ({ tenant: TENANT_ID, id });

describe('an incident', () => {
  it('comes with its record and its text, character for character', async () => {
    const store = await storeWith([]);
    const text = '{"id":"1", "n":1.0,"big":9007199254740993,"odd":"\\ud800 \\u00e9 é"}';
    await store.put(recordWith(), text);
    const found = await readIncident(store, keyOf('1'));
    expect(found).toEqual({ record: recordWith(), text, redirectedTo: undefined });
  });

  it('is undefined when it is not stored, for this tenant', async () => {
    const store = await storeWith([]);
    await store.put(recordWith());
    expect(await readIncident(store, keyOf('2'))).toBeUndefined();
    expect(
      await readIncident(store, { tenant: '99999999-9999-4999-8999-999999999999', id: '1' }),
    ).toBeUndefined();
    expect(await readVersions(store.table, keyOf('2'))).toBeUndefined();
    expect(await readVersion(store, keyOf('2'), 'v1')).toBeUndefined();
  });

  it('whose text is gone is an error that names it, not an empty answer', async () => {
    const store = await storeWith([recordWith()]);
    await expect(readIncident(store, keyOf('1'))).rejects.toMatchObject({
      code: 'storage.not_found',
      message: expect.stringMatching(new RegExp(`incident 1, version v1, of tenant ${TENANT_ID}`)),
    });
  });

  it('that was merged names the one it lives on in, over several merges', async () => {
    const store = await storeWith([]);
    await store.put(recordWith({ id: '1', status: 'redirected', redirectTo: '2' }));
    await store.put(recordWith({ id: '2', status: 'redirected', redirectTo: '3' }));
    await store.put(recordWith({ id: '3' }));
    expect((await readIncident(store, keyOf('1')))?.redirectedTo).toBe('3');
    expect((await readIncident(store, keyOf('2')))?.redirectedTo).toBe('3');
    expect((await readIncident(store, keyOf('3')))?.redirectedTo).toBeUndefined();
  });

  it('that was merged into one that is not stored names that one', async () => {
    const store = await storeWith([]);
    await store.put(recordWith({ id: '1', redirectTo: 'unknown' }));
    expect((await readIncident(store, keyOf('1')))?.redirectedTo).toBe('unknown');
  });

  it.each([
    [['1', '1'], '1 -> 1'],
    [['1', '2', '1'], '1 -> 2 -> 1'],
    [['1', '2', '3', '2'], '1 -> 2 -> 3 -> 2'],
  ])('whose merges lead in a circle is an error that shows it: %j', async (path, shown) => {
    const store = await storeWith([]);
    for (const [index, redirectTo] of path.slice(1).entries()) {
      await store.put(recordWith({ id: path[index] ?? '', redirectTo }));
    }
    await expect(readIncident(store, keyOf('1'))).rejects.toMatchObject({
      code: 'sync.redirect_cycle',
      message: expect.stringContaining(shown),
    });
  });
});

describe('the history of an incident', () => {
  it('has all of its versions, newest first, each readable, and none of its neighbours’', async () => {
    const rig = createSyncRig();
    await rig.settle();
    const read = { table: rig.store.table, blobs: rig.store.blobs };
    for (let round = 1; round <= 12; round++) {
      for (const id of ['1', '10', '1!']) rig.source.upsert({ id, title: `${id} in round ${round}` });
      rig.clock.advance(60_000);
      await rig.run();
    }
    const versions = (await readVersions(rig.store.table, keyOf('1'))) ?? [];
    expect(versions.map(({ title }) => title)).toEqual(
      Array.from({ length: 12 }, (_, index) => `1 in round ${12 - index}`),
    );
    for (const { title, version, superseded } of versions) {
      expect(superseded).toBe(false);
      const found = await readVersion(read, keyOf('1'), version);
      expect(JSON.parse(found?.text ?? '')).toMatchObject({ id: '1', title });
    }
    expect((await readIncident(read, keyOf('1')))?.record.version).toBe(versions[0]?.version);
    expect(await readVersion(read, keyOf('1'), 'another')).toBeUndefined();
    expect(await readVersion(read, keyOf('10'), versions[0]?.version ?? '')).toBeUndefined();
  });
});
