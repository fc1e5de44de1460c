import type { OutriderError } from '../../../shared/errors.ts';
import { type Finding, listFindings } from '../../../shared/hunting/findings/list-findings.ts';
import { readQueryState } from '../../../shared/hunting/findings/query-state.ts';
import type { CheckResult, HuntAnswer, HuntCall, HuntSource } from '../../../shared/hunting/ports.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { createQuota } from '../../../shared/hunting/quota/stored-quota.ts';
import { listRuns } from '../../../shared/hunting/run/read.ts';
import type { HuntRun } from '../../../shared/hunting/run/types.ts';
import type { ScheduledHuntDependencies } from '../../../shared/hunting/schedule/dependencies.ts';
import { scheduledHuntMessage } from '../../../shared/hunting/schedule/message.ts';
import { recordPoisonedSchedule } from '../../../shared/hunting/schedule/poisoned.ts';
import { createPrepareQuery } from '../../../shared/hunting/schedule/prepare.ts';
import {
  recordPoisonedAndSettle,
  runHuntAndSettle,
} from '../../../shared/hunting/schedule/run-and-settle.ts';
import { runScheduledHunt } from '../../../shared/hunting/schedule/run-scheduled.ts';

import { createFeedWriter } from '../../../shared/incidents/append-to-feed.ts';
import type { LogFields } from '../../../shared/log.ts';
import type { Columns } from '../../../shared/storage.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { createJumpingClock } from '../../support/jumping-clock.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { TENANT_ID, tenantWith } from '../../support/tenant-with.ts';
import { createHostQueue } from '../host-queue.ts';
import type { Ports } from '../run/hunt-rig.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** One event of the tenant: in answers from `arrivesMs` on, at its own time. */
export interface ModelEvent {
  readonly atMs: number;
  readonly arrivesMs?: number;
  readonly row: Readonly<Record<string, unknown>>;
}

/** What the model's service does with the next calls. */
export interface ModelService {
  events: ModelEvent[];
  fails: OutriderError | undefined;
  /** Words of an answer that is not whole, and how many rows it has then. */
  cut: { readonly words: string; readonly rows: number } | undefined;
  readonly calls: HuntCall[];
}

export const QUERY: ScheduledQuery = {
  id: 'Odd-Sign-Ins',
  name: 'Odd sign-ins',
  text: 'T | project Timestamp, Device, Detail',
  platform: 'xdr',
  severity: 'high',
  tactics: [],
  techniques: [],
  schedule: {
    every: { minutes: 60 },
    timeZone: 'UTC',
    lookbackMinutes: 60,
    learnSilently: false,
    endsAfterDays: 3,
  },
  trigger: { operator: 'gt', threshold: 0 },
  entities: [],
  customDetails: {},
  connectors: [],
  tags: [],
  references: [],
  parameters: [],
  keys: ['Device'],
  enabled: true,
  actions: [],
  extra: {},
  source: { file: 'queries/odd.yaml', format: 'outrider', lines: [] },
};

export type ScheduledQuery = HuntingQuery & { readonly schedule: NonNullable<HuntingQuery['schedule']> };

const CHECK: CheckResult = {
  diagnostics: [],
  columns: [],
  columnsComplete: true,
  tables: ['T'],
  slicing: { possible: false, reason: 'It is a model.' },
  clockCalls: [],
};

type QueueName = 'hunts' | 'schedule';
interface Message {
  readonly queue: QueueName;
  readonly text: string;
}

/** Scheduled hunts of one tenant in virtual time: the real run engine, both queues with redelivery, storage in memory. */
export function createScheduleRig({
  query: first = QUERY,
  columns = ['Timestamp', 'Device', 'Detail'],
  wrap = (ports) => ports,
  tenant = tenantWith(),
}: {
  readonly query?: ScheduledQuery;
  readonly columns?: readonly string[];
  readonly wrap?: (ports: Ports, leave: () => void) => Ports;
  readonly tenant?: Tenant;
} = {}) {
  const clock = createJumpingClock();
  const store = createMemoryStore({ now: clock.now });
  const incidents = createMemoryStore({ now: clock.now });
  const service: ModelService = { events: [], fails: undefined, cut: undefined, calls: [] };
  const library = { query: first, check: CHECK, columns };
  const logged: { event: string; fields: LogFields | undefined }[] = [];
  const note = (event: string, fields?: LogFields): void => void logged.push({ event, fields });
  const log = { info: note, warn: note, error: note };
  const tenants = {
    list: async () => [tenant],
    get: async (id: string) => (id === TENANT_ID ? tenant : undefined),
  };
  const source: HuntSource = { run: (call) => answer(call) };

  async function answer(call: HuntCall): Promise<HuntAnswer> {
    service.calls.push(call);
    await call.turn?.();
    call.onCall?.();
    if (service.fails) throw service.fails;
    const [from = 0, to = 0] = (call.timespan ?? '').split('/').map((time) => Date.parse(time));
    const found = service.events.filter(
      ({ atMs, arrivesMs = atMs }) => atMs >= from && atMs <= to && arrivesMs <= clock.now(),
    );
    const rows = found.map(({ atMs, row }) =>
      JSON.stringify({ Timestamp: new Date(atMs).toISOString(), ...row }),
    );
    const { cut } = service;
    return {
      schema: () => library.columns.map((name) => ({ name, type: 'String' })),
      rows: (async function* () {
        yield cut ? rows.slice(0, cut.rows) : rows;
      })(),
      incomplete: () => cut?.words,
      bytes: () => 1,
    };
  }

  const kql = { check: async () => library.check };
  const direct: Ports = { table: store.table, blobs: store.blobs, queue: store.queue };
  let prepare = createPrepareQuery(kql);

  function dependencies(leave = () => {}) {
    const ports = wrap(direct, leave);
    const { table } = wrap({ ...direct, table: incidents.table }, leave);
    const scheduled: ScheduledHuntDependencies = {
      ...ports,
      clock,
      tenants,
      queries: async () => [library.query],
      prepare,
      findings: { table, blobs: ports.blobs, feed: createFeedWriter({ table, clock }) },
      log,
    };
    return { ...scheduled, sourceFor: () => source, quota: createQuota({ table: ports.table, clock }) };
  }

  /** As app.ts wires it: findings are stored before the message of their run is done. */
  async function handle({ queue, text }: Message, leave: () => void): Promise<void> {
    const parts = dependencies(leave);
    if (queue === 'schedule') return void (await runScheduledHunt(parts, text));
    await runHuntAndSettle(parts, text);
  }

  /** With storage that is there again: nobody else would end what failed so often. */
  async function poison({ queue, text }: Message): Promise<void> {
    const { table } = incidents;
    const feed = createFeedWriter({ table, clock });
    const parts = { ...dependencies(), ...direct, findings: { table, blobs: store.blobs, feed } };
    if (queue === 'schedule') return recordPoisonedSchedule(parts, text);
    await recordPoisonedAndSettle(parts, text);
  }

  const queue = createHostQueue<Message>({
    clock,
    store,
    visibleAgainMs: 30_000,
    messageOf: (text) => ({ queue: 'hunts', text }),
    handle,
    poison,
  });
  const delivered = new Set<string>();

  return {
    clock,
    store,
    incidents,
    service,
    library,
    logged,
    dependencies,
    /** Puts another query of the same id into the library, as a new deployment does. */
    deploy(query: Partial<ScheduledQuery>): void {
      library.query = { ...library.query, ...query };
      prepare = createPrepareQuery(kql);
    },
    due(dueMs = clock.now()): void {
      const text = scheduledHuntMessage({ tenant: TENANT_ID, queryId: library.query.id, dueMs });
      queue.add({ queue: 'schedule', text });
    },
    /** Delivers all messages, each the first time to so many instances at once. */
    settle: ({ copies = 1, mostMs = DAY } = {}): Promise<void> =>
      queue.settle({
        mostMs,
        copiesOf({ text }) {
          // A message that looks again later has the same text: were it doubled each time, there would be no end of it.
          const times = delivered.has(text) ? 1 : copies;
          delivered.add(text);
          return times;
        },
      }),
    async tick(): Promise<void> {
      this.due();
      await this.settle();
    },
    event(row: Readonly<Record<string, unknown>>, more: Partial<ModelEvent> = {}): void {
      service.events.push({ atMs: clock.now() - MINUTE, row, ...more });
    },
    state: () => readQueryState(incidents.table, { tenant: TENANT_ID, queryId: library.query.id }),
    feed: (): Columns[] =>
      incidents
        .rows(TENANT_ID)
        .filter(({ key }) => key.startsWith('x|'))
        .map(({ columns: row }) => row),
    async findings(): Promise<readonly Finding[]> {
      return (await listFindings(incidents.table, { tenant: TENANT_ID, top: 200 })).items;
    },
    async runs(): Promise<HuntRun[]> {
      const runs: HuntRun[] = [];
      for await (const run of listRuns(store, { tenant: TENANT_ID })) runs.push(run);
      return runs;
    },
  };
}

/** A member of each finding's row. */
export function shown(findings: readonly Finding[], column = 'Device'): unknown[] {
  return findings.map(({ row = '{}' }) => (JSON.parse(row) as Record<string, unknown>)[column]);
}
