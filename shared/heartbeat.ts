import type { Clock } from './clock.ts';
import type { Row, TableStore } from './storage.ts';

/** Its own partition of the table `OutriderTenants`. */
const PARTITION = 'heartbeat';
const KEY = 'timer';
/** The timer ticks every minute; a row every five of them is enough to see that it does. */
const EVERY_MS = 5 * 60_000;

/** A sign of life of the timer, kept where every instance of the app can read it. */
export interface Heartbeat {
  /** Notes that the timer ticked, every five minutes at most. @throws OutriderError `storage.*` */
  beat(): Promise<void>;
  /** When it was last noted, in milliseconds since 1970 UTC; undefined before the first. @throws OutriderError `storage.*` */
  last(): Promise<number | undefined>;
}

export function createHeartbeat({
  table,
  clock,
}: {
  readonly table: () => TableStore;
  readonly clock: Clock;
}): Heartbeat {
  let noted = Number.NEGATIVE_INFINITY;
  return {
    async beat() {
      const nowMs = clock.now();
      if (nowMs - noted < EVERY_MS) return;
      await table().transact(PARTITION, [{ op: 'put', key: KEY, columns: { v: 1, atMs: nowMs } }]);
      noted = nowMs;
    },
    last: async () => atMsOf(await table().get(PARTITION, KEY)),
  };
}

function atMsOf(row: Row | undefined): number | undefined {
  const at = row?.columns.atMs;
  return typeof at === 'number' ? at : undefined;
}
