import type { LoggedRequest } from '../net/request-log.ts';
import type { ApiClient, SyncAnswer } from './api-client.ts';
import type { OnEvent, SessionTenant, StreamChange } from './events.ts';
import { createGate } from './gate.ts';
import type { Rest } from './rest-log.ts';

/** What is known of a tenant's sync. */
export interface TenantSync {
  readonly tenant: SessionTenant;
  /** The app's last answer; undefined before the first. */
  readonly answer: SyncAnswer | undefined;
  /** `loading` until the first run has ended; then how it ended, or stands now. */
  readonly state: 'loading' | 'current' | 'failing';
  /** Why it is failing. */
  readonly reason: string | undefined;
  /** Set while it is not served: it is not asked for then. */
  readonly rest: Rest;
}

/** Follows the syncs by the app's own API, asking only when there is something to learn. */
export interface SyncWatch {
  /** Asks for the first run of every tenant. Never rejects: a tenant that cannot begin is failing. */
  start(): Promise<void>;
  /** To be called again and again, with the requests that the stand-ins have had meanwhile. Never rejects. */
  tick(requests: readonly LoggedRequest[]): Promise<void>;
  /** Asks for every tenant's state now. */
  refresh(): Promise<void>;
  /** One more tenant, whose first run the app starts by itself. */
  add(tenant: SessionTenant): void;
  /** A tenant is suspended or removed, or served again. What was stored of a removed one is not there any more. */
  rest(tenantId: string, rest: Rest): void;
  /** A change upstream that the next sync is going to find. */
  expect(tenant: SessionTenant, change: StreamChange): void;
  syncs(): readonly TenantSync[];
  /** Resolves when the first run of every tenant has ended, well or not. */
  readonly settled: Promise<void>;
}

export interface SyncWatchOptions {
  readonly tenants: readonly SessionTenant[];
  readonly client: Pick<ApiClient, 'startSync' | 'sync'>;
  readonly onEvent: OnEvent;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

interface Entry {
  readonly tenant: SessionTenant;
  answer: SyncAnswer | undefined;
  state: TenantSync['state'];
  reason: string | undefined;
  rest: Rest;
  changes: StreamChange[];
  askedAt: number;
  /** When a call for it was last seen since its state was asked for. */
  calledAt: number | undefined;
  /** Answers in a row that did not come. */
  unanswered: number;
  asking: Promise<void> | undefined;
}

const LOADING_MS = 500;
/** While many tenants load, each is asked less often: the questions are not to be the app's main work. */
const ASKED_OFTEN = 5;
/** Calls to the app at once. */
const AT_ONCE = 8;
/** A run is taken to be over when it has called nobody for so long. */
const QUIET_MS = 2_000;
const MOST_UNANSWERED = 5;
const SYNC_SERVICES = new Set(['entra', 'graph', 'xdr']);

export function createSyncWatch({ tenants, client, onEvent, now }: SyncWatchOptions): SyncWatch {
  const entries = tenants.map(newEntry);
  const byId = new Map(entries.map((entry) => [entry.tenant.id, entry]));
  const settled = Promise.withResolvers<void>();
  const inTurn = createGate(AT_ONCE);
  const loadingMs = LOADING_MS * Math.max(1, tenants.length / ASKED_OFTEN);

  async function ask(entry: Entry): Promise<void> {
    entry.askedAt = now();
    entry.calledAt = undefined;
    try {
      const answer = await inTurn(() => client.sync(entry.tenant.id));
      entry.unanswered = 0;
      if (entry.rest === undefined) observe(entry, answer);
    } catch (error) {
      if (entry.rest !== undefined) return;
      entry.unanswered += 1;
      if (entry.unanswered < MOST_UNANSWERED) return;
      setFailing(entry, messageOf(error));
    }
    settleIfDone();
  }

  async function startFirst(entry: Entry): Promise<void> {
    try {
      await inTurn(() => client.startSync(entry.tenant.id));
    } catch (error) {
      setFailing(entry, messageOf(error));
      settleIfDone();
    }
  }

  /** One question at a time for each tenant. */
  function askOnce(entry: Entry): Promise<void> {
    entry.asking ??= ask(entry).finally(() => {
      entry.asking = undefined;
    });
    return entry.asking;
  }

  function observe(entry: Entry, answer: SyncAnswer): void {
    const before = entry.answer;
    entry.answer = answer;
    if (answer.failing !== undefined && answer.run === undefined) {
      setFailing(entry, `${answer.failing.text} (${answer.failing.code})`);
      return;
    }
    const wasLoading = entry.state === 'loading';
    if (wasLoading && (answer.state !== 'current' || answer.run !== undefined)) {
      onEvent({ kind: 'loading', at: now(), tenant: entry.tenant, incidents: answer.incidents });
      return;
    }
    if (answer.state !== 'current') return;
    entry.state = 'current';
    entry.reason = undefined;
    const { incidents, versions } = answer;
    const event = { at: now(), tenant: entry.tenant, incidents, versions };
    if (wasLoading) {
      onEvent({ kind: 'loaded', ...event });
      return;
    }
    const newVersions = versions - (before?.versions ?? 0);
    if (newVersions <= 0) return;
    const newIncidents = incidents - (before?.incidents ?? 0);
    onEvent({
      ...event,
      kind: 'synced',
      incidents: newIncidents,
      versions: newVersions,
      changes: entry.changes.splice(0),
    });
  }

  function setFailing(entry: Entry, reason: string): void {
    const isNews = entry.reason !== reason;
    entry.state = 'failing';
    entry.reason = reason;
    if (isNews) onEvent({ kind: 'failing', at: now(), tenant: entry.tenant, text: reason });
  }

  function settleIfDone(): void {
    if (entries.every(({ state }) => state !== 'loading')) settled.resolve();
  }

  const isDue = ({ state, askedAt, calledAt, rest }: Entry): boolean => {
    if (rest !== undefined) return false;
    if (state === 'loading') return now() - askedAt >= loadingMs;
    return calledAt !== undefined && now() - calledAt >= QUIET_MS;
  };

  return {
    settled: settled.promise,
    async start() {
      await Promise.all(entries.map(startFirst));
    },
    async tick(requests) {
      for (const { service, tenant, time } of requests) {
        const entry = byId.get(tenant ?? '');
        if (entry && SYNC_SERVICES.has(service)) entry.calledAt = Date.parse(time);
      }
      await Promise.all(entries.filter(isDue).map(askOnce));
    },
    async refresh() {
      await Promise.all(entries.filter(({ rest }) => rest === undefined).map(askOnce));
    },
    add(tenant) {
      if (byId.has(tenant.id)) return;
      const entry = newEntry(tenant);
      entries.push(entry);
      byId.set(tenant.id, entry);
    },
    rest(tenantId, rest) {
      const entry = byId.get(tenantId);
      if (entry === undefined) return;
      entry.rest = rest;
      if (rest === 'offboarded') entry.answer = undefined;
    },
    expect(tenant, change) {
      byId.get(tenant.id)?.changes.push(change);
    },
    syncs: () =>
      entries.map(({ tenant, answer, state, reason, rest }) => ({ tenant, answer, state, reason, rest })),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function newEntry(tenant: SessionTenant): Entry {
  return {
    tenant,
    answer: undefined,
    state: 'loading',
    reason: undefined,
    rest: undefined,
    changes: [],
    askedAt: 0,
    calledAt: undefined,
    unanswered: 0,
    asking: undefined,
  };
}
