import type { SyncRig } from './sync-rig.ts';

/** Kills a run at its nth write of rows: it never does anything again. */
export async function dieAtWrite(rig: SyncRig, nth: number): Promise<void> {
  const { transact } = rig.store.table;
  let writes = 0;
  await new Promise<void>((resolve) => {
    rig.store.table.transact = (partition, rows) => {
      if (++writes < nth) return transact(partition, rows);
      resolve();
      return new Promise<never>(() => {});
    };
    void rig.run();
  });
  rig.store.table.transact = transact;
}
