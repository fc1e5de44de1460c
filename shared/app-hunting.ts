import { createScheduledHunts, type ScheduledHunts } from './app-scheduled-hunts.ts';
import type { Clock } from './clock.ts';
import { mapLimit } from './concurrency.ts';
import { OutriderError } from './errors.ts';
import { type CheckedLibrary, createCheckedLibrary } from './hunting/ask/checked-library.ts';
import { chooseTenants } from './hunting/ask/choose-tenants.ts';
import { huntAsUser, type UserHunt, type UserHuntSize } from './hunting/ask/hunt-as-user.ts';
import { absentGroup, type HuntGroup } from './hunting/ask/hunt-group.ts';
import { lastRunsIn, lastRunsOf } from './hunting/ask/last-runs.ts';
import { type HuntAsk, type PreparedHunt, prepareHunt } from './hunting/ask/prepare-hunt.ts';
import { pruneHunts } from './hunting/ask/prune-hunts.ts';
import { readRowsOfEach } from './hunting/ask/rows-of-each.ts';
import { type PageSize, type RowsPage, readRowsPage } from './hunting/ask/rows-page.ts';
import { type ShownCheck, shownCheck } from './hunting/ask/shown-check.ts';
import { startHunt, startHunts } from './hunting/ask/start-hunts.ts';
import { readGroup } from './hunting/ask/stored-group.ts';
import { type RunTarget, waitForRuns } from './hunting/ask/wait-for-runs.ts';
import type { QueryState } from './hunting/findings/query-state.ts';
import type { FindingStorage } from './hunting/findings/store-findings.ts';
import { createKqlService } from './hunting/kql/service.ts';
import { createLibrarySource } from './hunting/library/shipped-library.ts';
import type { CheckRequest, HuntSource } from './hunting/ports.ts';
import type { HuntingQuery } from './hunting/query.ts';
import { createQuota } from './hunting/quota/stored-quota.ts';
import type { RequestDependencies } from './hunting/run/dependencies.ts';
import { readRun } from './hunting/run/read.ts';
import type { HuntRun, HuntRunDetails } from './hunting/run/types.ts';
import { endUnscheduled } from './hunting/schedule/end-unscheduled.ts';
import { nextDue } from './hunting/schedule/next-due.ts';
import {
  cancelRunAndSettle,
  recordPoisonedAndSettle,
  runHuntAndSettle,
} from './hunting/schedule/run-and-settle.ts';
import type { Log } from './log.ts';
import { once } from './once.ts';
import type { QueueSender, StreamingBlobStore, TableStore } from './storage.ts';
import type { Tenant, TenantDirectory } from './tenant.ts';

/** Storage reads at the same time. */
const READS_AT_ONCE = 8;

/** A query's schedule in one tenant. */
export interface TenantSchedule {
  readonly tenant: string;
  /** In milliseconds since 1970 UTC; undefined where it is scheduled no more. */
  readonly nextDueMs: number | undefined;
  /** What it has come to; undefined where it was not due yet. */
  readonly state: QueryState | undefined;
}

/** What functions and commands call of hunting. */
export interface Hunting {
  readonly library: CheckedLibrary;
  check(request: CheckRequest): Promise<ShownCheck>;
  /** The newest run of a query in each of these tenants that has one. */
  lastRunsOf(queryId: string, tenants: readonly string[]): Promise<readonly HuntRun[]>;
  /** The newest run of each query in one tenant, by query id. */
  lastRunsIn(tenant: string): Promise<ReadonlyMap<string, HuntRun>>;
  /** What its schedule has come to in each of these tenants where it was due or will be. */
  schedulesOf(query: HuntingQuery, tenants: readonly Tenant[]): Promise<readonly TenantSchedule[]>;
  /** Checks and asks for a run in one tenant; gives back the run's id. */
  start(tenant: Tenant, ask: HuntAsk): Promise<string>;
  /** Checks and hunts in a user's name: nothing of it is kept. The source sends with the user's token. */
  runAsUser(
    tenant: Tenant,
    ask: HuntAsk,
    how: UserHuntSize & { readonly source: HuntSource },
  ): Promise<{ readonly asked: PreparedHunt; readonly found: UserHunt }>;
  /** The same in all of these tenants, or in those of them that are named by id or name. */
  startAcross(
    tenants: { readonly among: readonly Tenant[]; readonly named?: readonly string[] | undefined },
    ask: HuntAsk,
  ): Promise<HuntGroup>;
  /** The runs as they are when all have ended, or after so many milliseconds. */
  waitFor(targets: readonly RunTarget[], mostMs: number): Promise<ReadonlyMap<string, HuntRun>>;
  /** The same for all runs of a group. */
  waitForGroup(group: HuntGroup, mostMs: number): Promise<ReadonlyMap<string, HuntRun>>;
  /** @throws OutriderError `request.not_found` */
  run(target: RunTarget): Promise<HuntRunDetails>;
  /** @throws OutriderError `request.not_found` */
  group(id: string): Promise<HuntGroup>;
  rows(run: Pick<HuntRun, 'id' | 'tenant' | 'rows'>, page: PageSize): Promise<RowsPage>;
  /** The first rows of each run that has a result, by run. */
  rowsOfEach(
    runs: Iterable<HuntRun>,
    size: { readonly count: number; readonly mostChars: number },
  ): Promise<ReadonlyMap<string, RowsPage>>;
  /** @throws OutriderError `request.not_found` */
  cancel(log: Log, target: RunTarget & { readonly by: string }): Promise<HuntRun>;
  runFromMessage(log: Log, message: unknown): Promise<void>;
  recordPoisoned(log: Log, message: unknown): Promise<void>;
  /** Deletes what is older than each tenant keeps. */
  prune(log: Log): Promise<void>;
  readonly scheduled: ScheduledHunts;
}

export interface HuntingOptions {
  readonly tenants: TenantDirectory;
  /** Called on first use, so that a fault in a setting stops only what needs it. */
  readonly table: () => TableStore;
  readonly blobs: () => StreamingBlobStore;
  readonly queue: () => QueueSender;
  /** Of queries that are due. */
  readonly scheduleQueue: () => QueueSender;
  /** Where findings are kept, and the change feed that they go to. */
  readonly findings: () => FindingStorage;
  readonly sourceFor: (tenant: Tenant) => HuntSource;
  readonly clock: Clock;
}

/** The hunting part of the composition root. Nothing is built, read or started until it is asked for. */
export function createHunting({
  tenants,
  table,
  blobs,
  queue,
  scheduleQueue,
  findings,
  sourceFor,
  clock,
}: HuntingOptions): Hunting {
  const kql = once(() => createKqlService());
  const quota = once(() => createQuota({ table: table(), clock }));
  const source = createLibrarySource({ now: () => new Date(clock.now()) });
  const library = createCheckedLibrary({ source, kql });
  const storage = () => ({ table: table(), blobs: blobs() });
  const requesting = (): RequestDependencies => ({ ...storage(), queue: queue(), clock });

  const scheduled = createScheduledHunts({
    tenants,
    source,
    kql,
    requesting,
    findings,
    queue: scheduleQueue,
    clock,
  });

  return {
    library,
    scheduled,
    check: async (request) => shownCheck(request.text, await kql().check(request)),
    lastRunsOf: (queryId, ids) => lastRunsOf({ table: table() }, queryId, ids),
    lastRunsIn: (tenant) => lastRunsIn({ table: table() }, tenant),
    async schedulesOf(query, tenants) {
      const schedules = await mapLimit(tenants, READS_AT_ONCE, async (tenant) => ({
        tenant: tenant.id,
        nextDueMs: nextDue(query, tenant, clock.now()),
        state: await scheduled.state(tenant.id, query.id),
      }));
      return schedules.filter(({ nextDueMs, state }) => nextDueMs !== undefined || state !== undefined);
    },
    async start(tenant, ask) {
      return startHunt(requesting(), tenant, await prepareHunt({ library, kql }, ask));
    },
    async runAsUser(tenant, ask, { source: usersSource, mostChars }) {
      const asked = await prepareHunt({ library, kql }, ask);
      const parts = { source: usersSource, quota: quota(), clock };
      return { asked, found: await huntAsUser(parts, tenant.id, asked, { mostChars }) };
    },
    async startAcross({ among, named }, ask) {
      const chosen = chooseTenants(among, named);
      const which = named === undefined ? 'all' : 'named';
      return startHunts(requesting(), chosen, await prepareHunt({ library, kql }, ask), which);
    },
    waitFor: (targets, mostMs) => waitForRuns({ table: table(), clock }, targets, mostMs),
    waitForGroup({ entries }, mostMs) {
      const targets = entries.filter((entry) => 'run' in entry);
      return waitForRuns({ table: table(), clock }, targets, mostMs);
    },
    async run(target) {
      return (await readRun(storage(), target)) ?? absent(`hunting run ${target.run}`);
    },
    async group(id) {
      const group = await readGroup(blobs(), id);
      if (group) return group;
      throw absentGroup();
    },
    rowsOfEach: (runs, size) => readRowsOfEach(storage(), runs, size),
    rows: (run, page) => readRowsPage(storage(), run, page),
    async cancel(log, target) {
      const ended = await cancelRunAndSettle(scheduled.dependencies(log), target);
      return ended ?? absent(`hunting run ${target.run}`);
    },
    async runFromMessage(log, message) {
      await runHuntAndSettle({ ...scheduled.dependencies(log), sourceFor, quota: quota() }, message);
    },
    async prune(log) {
      const parts = { findings: findings(), library: await source.load(), clock, log };
      const end = (tenant: Tenant) => endUnscheduled(parts, tenant);
      await pruneHunts({ ...storage(), clock, log, endUnscheduled: end }, await tenants.list());
    },
    recordPoisoned: (log, message) => recordPoisonedAndSettle(scheduled.dependencies(log), message),
  };
}

function absent(what: string): never {
  throw new OutriderError('request.not_found', `There is no ${what}. It may be older than what is kept.`);
}
