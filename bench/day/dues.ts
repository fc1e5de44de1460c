import { decodeQueryState } from '../../shared/hunting/findings/query-state.ts';
import { readScheduledHunt } from '../../shared/hunting/schedule/message.ts';
import type { RowWrite } from '../../shared/storage.ts';

/** Due times of queries in tenants, and when each was done with. */
export interface Dues {
  /** A message of the schedule was sent. */
  sent(message: string): void;
  /** This message came while the query's run was under way: its due time is part of that one's. */
  merged(message: string): void;
  /** Rows of findings were written. */
  written(tenant: string, writes: readonly RowWrite[]): void;
  /** One for each due time. */
  delays(): readonly Delay[];
  /** The longest time of each query in each tenant between two runs that succeeded, as they were asked for. */
  gaps(): readonly Gap[];
}

export interface Gap {
  readonly query: string;
  readonly ms: number;
}

/** From when a query was due in a tenant until a run of this due time, or of a later one, had its findings stored. */
export interface Delay {
  readonly query: string;
  /** Until now, where that has not happened. */
  readonly ms: number;
  readonly done: boolean;
}

interface Waiting {
  readonly dueMs: number;
  readonly sinceMs: number;
  readonly merged: boolean;
}

/** A query in a tenant. */
interface Watched {
  readonly query: string;
  dues: readonly Waiting[];
  lastMs: number | undefined;
  gapMs: number;
}

const STATE_ROW = 'q|';

export function createDues(now: () => number): Dues {
  const startMs = now();
  const watched = new Map<string, Watched>();
  const done: Delay[] = [];

  function watchedOf(tenant: string, query: string): Watched {
    const key = `${tenant}|${query}`;
    const found = watched.get(key) ?? { query, dues: [], lastMs: undefined, gapMs: 0 };
    watched.set(key, found);
    return found;
  }

  return {
    sent(message) {
      const { tenant, queryId, dueMs } = dueOf(message);
      const found = watchedOf(tenant, queryId);
      // What was due before there was a deployment is due from its start.
      found.dues = [...found.dues, { dueMs, sinceMs: Math.max(startMs, dueMs), merged: false }];
    },
    merged(message) {
      const { tenant, queryId, dueMs } = dueOf(message);
      const found = watchedOf(tenant, queryId);
      found.dues = found.dues.map((due) => (due.dueMs === dueMs ? { ...due, merged: true } : due));
    },
    written(tenant, writes) {
      for (const write of writes) {
        if (write.op === 'drop' || !write.key.startsWith(STATE_ROW)) continue;
        const { queryId, lastRun } = decodeQueryState({ ...write, etag: '' });
        if (lastRun?.state !== 'succeeded') continue;
        const found = watchedOf(tenant, queryId);
        if (found.lastMs !== undefined) found.gapMs = Math.max(found.gapMs, lastRun.toMs - found.lastMs);
        found.lastMs = lastRun.toMs;
        const isDone = ({ dueMs, merged }: Waiting): boolean => merged || dueMs <= lastRun.dueMs;
        for (const { sinceMs } of found.dues.filter(isDone)) {
          done.push({ query: queryId, ms: now() - sinceMs, done: true });
        }
        found.dues = found.dues.filter((due) => !isDone(due));
      }
    },
    delays: () => [
      ...done,
      ...[...watched.values()].flatMap(({ query, dues }) =>
        dues.map(({ sinceMs }) => ({ query, ms: now() - sinceMs, done: false })),
      ),
    ],
    gaps: () => [...watched.values()].map(({ query, gapMs }) => ({ query, ms: gapMs })),
  };
}

function dueOf(message: string) {
  const due = readScheduledHunt(message);
  if (!due) throw new Error(`no message of a schedule: ${message}`);
  return due;
}
