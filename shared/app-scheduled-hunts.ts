import type { Clock } from './clock.ts';
import { OutriderError } from './errors.ts';
import {
  type Finding,
  type FindingFilter,
  type FindingList,
  listFindings,
  readFinding,
} from './hunting/findings/list-findings.ts';
import { type QueryState, readQueryState } from './hunting/findings/query-state.ts';
import type { FindingStorage } from './hunting/findings/store-findings.ts';
import type { LibrarySource } from './hunting/library/shipped-library.ts';
import type { KqlService } from './hunting/ports.ts';
import type { RequestDependencies } from './hunting/run/dependencies.ts';
import type { ScheduledHuntDependencies } from './hunting/schedule/dependencies.ts';
import { enqueueDueHunts } from './hunting/schedule/enqueue.ts';
import { recordPoisonedSchedule } from './hunting/schedule/poisoned.ts';
import { createPrepareQuery } from './hunting/schedule/prepare.ts';
import { runScheduledHunt } from './hunting/schedule/run-scheduled.ts';
import type { Log } from './log.ts';
import type { QueueSender } from './storage.ts';
import type { TenantDirectory } from './tenant.ts';
import { createTicks } from './ticks.ts';
import { msFromPadded, type PaddedTime } from './time.ts';

/** What functions call of schedules and of what they find. */
export interface ScheduledHunts {
  enqueueDue(log: Log, lastMs: number | undefined): Promise<void>;
  runFromMessage(log: Log, message: unknown): Promise<void>;
  recordPoisoned(log: Log, message: unknown): Promise<void>;
  /** What is known of a scheduled query in a tenant; undefined when it never was due. */
  state(tenant: string, queryId: string): Promise<QueryState | undefined>;
  findings(
    query: Omit<FindingFilter, 'sinceMs'> & {
      readonly tenant: string;
      readonly since?: PaddedTime | undefined;
      readonly top: number;
      readonly token?: string | undefined;
    },
  ): Promise<FindingList>;
  /** @throws OutriderError `request.not_found` */
  finding(which: {
    readonly tenant: string;
    readonly queryId: string;
    readonly id: string;
  }): Promise<Finding>;
}

export interface ScheduledHuntsOptions {
  readonly tenants: TenantDirectory;
  readonly source: LibrarySource;
  readonly kql: () => KqlService;
  readonly requesting: () => RequestDependencies;
  readonly findings: () => FindingStorage;
  readonly queue: () => QueueSender;
  readonly clock: Clock;
}

/** Schedules with what they need; `dependencies` is for whoever runs the messages of the hunting queue. */
export function createScheduledHunts(options: ScheduledHuntsOptions): ScheduledHunts & {
  readonly dependencies: (log: Log) => ScheduledHuntDependencies;
} {
  const { tenants, source, kql, requesting, findings, queue, clock } = options;
  const prepare = createPrepareQuery({ check: (request) => kql().check(request) });
  const queries = async () => (await source.load()).queries;
  const tick = createTicks(enqueueDueHunts);
  const dependencies = (log: Log): ScheduledHuntDependencies => ({
    ...requesting(),
    tenants,
    queries,
    prepare,
    findings: findings(),
    log,
  });
  return {
    dependencies,
    async enqueueDue(log, lastMs) {
      await tick({ tenants, queries, queue: queue(), log }, { lastMs, nowMs: clock.now() });
    },
    async runFromMessage(log, message) {
      await runScheduledHunt(dependencies(log), message);
    },
    recordPoisoned: (log, message) => recordPoisonedSchedule(dependencies(log), message),
    state: (tenant, queryId) => readQueryState(findings().table, { tenant, queryId }),
    findings: ({ since, ...query }) =>
      listFindings(findings().table, {
        ...query,
        sinceMs: since === undefined ? undefined : msFromPadded(since),
      }),
    async finding(which) {
      const found = await readFinding(findings(), which);
      if (found) return found;
      throw new OutriderError(
        'request.not_found',
        `There is no finding "${which.id.slice(0, 64)}" of this query in tenant ${which.tenant}. It may have ended long ago.`,
        { tenant: which.tenant },
      );
    },
  };
}
