import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../../shared/errors.ts';
import { openRun } from '../../../shared/hunting/run/run-session.ts';
import { createHuntRig, TENANT } from './hunt-rig.ts';

const away = (): never => {
  throw new OutriderError('storage.unavailable', 'storage is away');
};

describe('a run in the hands of its holder', () => {
  it('stays there after a renewal of the lease took effect, while storage was away for its answer and for a look', async () => {
    const { store, direct, request } = createHuntRig(() => ({ status: 500 }));
    const { id } = await request();
    let isAway = false;
    const table: typeof store.table = {
      ...store.table,
      get: async (...which) => (isAway ? away() : store.table.get(...which)),
      async transact(...write) {
        const etag = await store.table.transact(...write);
        return isAway ? away() : etag;
      },
    };
    const session = await openRun({ ...direct, table }, TENANT, id, 'holder');
    if (!session) throw new Error('no run');
    await session.commit({ state: 'running', lease: { holder: 'holder', untilMs: 1 } });
    isAway = true;
    await expect(session.renewLease(2)).rejects.toMatchObject({ code: 'storage.unavailable' });
    isAway = false;
    await session.renewLease(3);
    expect(session.record.lease?.untilMs).toBe(3);
    const other = await openRun(direct, TENANT, id, 'other');
    expect(other?.record.lease).toEqual({ holder: 'holder', untilMs: 3 });
    await other?.commit({ state: 'cancelled', lease: undefined });
    await expect(session.commit({ state: 'succeeded' })).rejects.toMatchObject({ code: 'hunt.fenced' });
  });
});
