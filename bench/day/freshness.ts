import type { RowWrite } from '../../shared/storage.ts';
import type { PaddedTime } from '../../shared/time.ts';

/** How long each change upstream took to be in the store. */
export interface Freshness {
  /** An incident was created or changed at this last update, which is now. */
  changed(tenant: string, id: string, lastUpdate: PaddedTime): void;
  /** Rows were written. */
  written(tenant: string, writes: readonly RowWrite[]): void;
  /** Milliseconds from change to store, one for each change; what is not stored counts as waiting until now. */
  delays(): readonly number[];
}

export function createFreshness(now: () => number): Freshness {
  const waiting = new Map<string, { readonly lastUpdate: PaddedTime; readonly atMs: number }[]>();
  const done: number[] = [];

  return {
    changed(tenant, id, lastUpdate) {
      const key = `${tenant}|${id}`;
      waiting.set(key, [...(waiting.get(key) ?? []), { lastUpdate, atMs: now() }]);
    },
    written(tenant, writes) {
      for (const write of writes) {
        if (write.op === 'drop' || !write.key.startsWith('c|')) continue;
        const key = `${tenant}|${write.columns.id}`;
        const stored = String(write.columns.lastUpdate);
        const changes = waiting.get(key) ?? [];
        for (const { atMs, lastUpdate } of changes) if (lastUpdate <= stored) done.push(now() - atMs);
        waiting.set(
          key,
          changes.filter(({ lastUpdate }) => lastUpdate > stored),
        );
      }
    },
    delays: () => [...done, ...[...waiting.values()].flat().map(({ atMs }) => now() - atMs)],
  };
}
