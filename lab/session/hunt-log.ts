import { z } from 'zod';
import type { LogEntry } from '../runner/log.ts';
import { readAppEvent } from './app-event.ts';
import type { OnEvent, SessionTenant } from './events.ts';
import type { Roster } from './roster.ts';

const eventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('findings.stored'),
    tenant: z.string(),
    query: z.string(),
    announced: z.number(),
    learned: z.number(),
    seenAgain: z.number(),
    whole: z.boolean(),
  }),
  z.object({
    event: z.literal('hunt.schedule_failing'),
    tenant: z.string(),
    query: z.string(),
    code: z.string(),
  }),
]);

/** What scheduled hunts have come to in a tenant since the session began. */
export interface TenantHunts {
  readonly tenant: SessionTenant;
  /** Runs that have ended, well or not. */
  readonly runs: number;
  /** Findings that were new, announced or learned silently. */
  readonly found: number;
  readonly seenAgain: number;
  /** When the last run ended; milliseconds since 1970 UTC. */
  readonly lastAt: number | undefined;
  /** Queries whose last run failed or was not whole, each with the error's code. */
  readonly failing: ReadonlyMap<string, string>;
}

/** Reads from the app's log what its scheduled hunts find: whichever queries there are, nobody has to be asked. */
export interface HuntLog {
  read(entry: LogEntry): void;
  hunts(): readonly TenantHunts[];
  /** Resolves when a run of the query ends in the tenant from now on. */
  nextRun(tenantId: string, queryId: string): Promise<void>;
}

interface Entry extends TenantHunts {
  runs: number;
  found: number;
  seenAgain: number;
  lastAt: number | undefined;
  readonly failing: Map<string, string>;
}

export function createHuntLog({
  tenants,
  onEvent,
  now,
}: {
  readonly tenants: Pick<Roster, 'all' | 'find'>;
  readonly onEvent: OnEvent;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}): HuntLog {
  const entries = new Map<string, Entry>();
  const waiting = new Map<string, (() => void)[]>();
  /** Runs that were counted, and are going to be told as failing. */
  const halfDone = new Set<string>();
  const keyOf = (tenantId: string, queryId: string): string => `${tenantId} ${queryId}`;

  function entryOf(tenant: SessionTenant): Entry {
    const entry = entries.get(tenant.id) ?? newEntry(tenant);
    entries.set(tenant.id, entry);
    return entry;
  }

  return {
    read({ message }) {
      const event = readAppEvent(eventSchema, message);
      const tenant = tenants.find(event?.tenant ?? '');
      if (event === undefined || tenant === undefined) return;
      const entry = entryOf(tenant);
      const { query } = event;
      entry.lastAt = now();
      if (event.event === 'findings.stored') {
        const { announced, learned, seenAgain, whole } = event;
        entry.runs += 1;
        entry.found += announced + learned;
        entry.seenAgain += seenAgain;
        onEvent({ kind: 'hunted', at: now(), tenant, query, announced, learned, seenAgain });
        // One that is not whole is told as failing, too; that ends its run.
        if (!whole) return void halfDone.add(keyOf(tenant.id, query));
        entry.failing.delete(query);
      } else {
        if (!halfDone.delete(keyOf(tenant.id, query))) entry.runs += 1;
        entry.failing.set(query, event.code);
        onEvent({ kind: 'huntFailing', at: now(), tenant, query, code: event.code });
      }
      const key = keyOf(tenant.id, query);
      for (const tell of waiting.get(key) ?? []) tell();
      waiting.delete(key);
    },
    hunts: () => tenants.all().map(entryOf),
    nextRun: (tenantId, queryId) =>
      new Promise((resolve) => {
        const key = keyOf(tenantId, queryId);
        waiting.set(key, [...(waiting.get(key) ?? []), resolve]);
      }),
  };
}

const newEntry = (tenant: SessionTenant): Entry => ({
  tenant,
  runs: 0,
  found: 0,
  seenAgain: 0,
  lastAt: undefined,
  failing: new Map(),
});
