import { recordPoisoned } from '../../../shared/incidents/poisoned.ts';
import { enqueueDue } from '../../../shared/incidents/schedule.ts';
import type { Log, LogFields } from '../../../shared/log.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { createConfiguredTenants } from '../../../shared/tenants-from-config.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { createSyncRig, type SyncRig } from '../../support/sync-rig.ts';
import { TENANT_ID, tenantWith } from '../../support/tenant-with.ts';
import type { Logs } from './run-query.ts';
import type { Row } from './scalars.ts';

const MINUTE = 60_000;

/** A deployment that is played minute by minute: the real timer and the real sync, and the log that they write. */
export interface Played {
  readonly traces: Row[];
  readonly requests: Row[];
  now(): number;
  /** Lets minutes pass; in each the timer ticks, unless it is stopped, and who is due is synced. */
  minutes(count: number): Promise<void>;
  readonly sourceOf: (tenant: string) => SyncRig['source'];
  stopTimer(): void;
  /** A tenant is due no more. */
  suspend(tenant: string): void;
  poison(): Promise<void>;
  /** A log line of another part of the app. */
  say(event: string, fields?: LogFields): void;
  logs(): Logs;
}

/** @param intervals minutes of each tenant, by its id */
export function playDeployment(intervals: Readonly<Record<string, number>>): Played {
  const traces: Row[] = [];
  const requests: Row[] = [];
  const rigs = new Map(
    Object.entries(intervals).map(([id, intervalMinutes]) => [
      id,
      { rig: createSyncRig(), said: 0, intervalMinutes },
    ]),
  );
  let tenants: Tenant[] = Object.entries(intervals).map(([id, intervalMinutes]) =>
    tenantWith({ intervalMinutes }, id),
  );
  let now = [...rigs.values()][0]?.rig.clock.now() ?? 0;
  let isStopped = false;
  const say = (event: string, fields: LogFields = {}): void => {
    const line = JSON.stringify({ event, correlationId: 'x', ...fields });
    traces.push({ TimeGenerated: now, Message: line, SeverityLevel: 1, OperationId: 'x' });
  };
  const log: Log = { info: say, warn: say, error: say };
  const queue = createMemoryStore({ now: () => now }).queue;

  async function sync(id: string): Promise<void> {
    const played = rigs.get(id);
    if (!played) return;
    const { rig } = played;
    rig.clock.advance(now - rig.clock.now());
    await rig.run();
    for (const { event, fields } of rig.events.slice(played.said))
      say(event, { ...(fields as LogFields), tenant: id });
    played.said = rig.events.length;
  }

  return {
    traces,
    requests,
    now: () => now,
    sourceOf: (tenant) => {
      const played = rigs.get(tenant);
      if (!played) throw new Error(`${tenant} is not played.`);
      return played.rig.source;
    },
    stopTimer: () => {
      isStopped = true;
    },
    suspend: (tenant) => {
      tenants = tenants.filter(({ id }) => id !== tenant);
    },
    async poison() {
      const [first] = rigs.values();
      if (first) await recordPoisoned({ ...first.rig.dependencies, log }, { v: 1, tenant: TENANT_ID });
    },
    say,
    async minutes(count) {
      for (let minute = 0; minute < count; minute++) {
        const lastMs = now;
        now += MINUTE;
        if (isStopped) continue;
        const parts = { tenants: createConfiguredTenants(tenants), queue, log };
        for (const id of await enqueueDue(parts, { lastMs, nowMs: now })) await sync(id);
      }
    },
    logs: () => ({ now, tables: { AppTraces: traces, AppRequests: requests } }),
  };
}
