import type { Log } from '../../log.ts';
import type { Tenant, TenantDirectory } from '../../tenant.ts';
import type { FindingStorage } from '../findings/store-findings.ts';
import type { HuntingQuery, QuerySchedule } from '../query.ts';
import type { RequestDependencies } from '../run/dependencies.ts';
import type { PrepareQuery } from './prepare.ts';

/** What scheduled hunts need: of the run engine its table, blobs and queue, and where findings are kept. */
export interface ScheduledHuntDependencies extends RequestDependencies {
  readonly tenants: TenantDirectory;
  /** The queries of the library: the same objects each time. */
  readonly queries: () => Promise<readonly HuntingQuery[]>;
  readonly prepare: PrepareQuery;
  readonly findings: FindingStorage;
  readonly log: Log;
  /** Unique id of whoever writes. Default a random UUID. */
  readonly newHolder?: () => string;
}

/** A query that has a schedule, and a tenant that it is for. */
export interface Subject {
  readonly tenant: Tenant;
  readonly query: HuntingQuery & { readonly schedule: QuerySchedule };
}
