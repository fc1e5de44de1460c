import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { QueueSender, StreamingBlobStore, TableStore } from '../../storage.ts';
import type { Tenant, TenantDirectory } from '../../tenant.ts';
import type { HuntSource } from '../ports.ts';
import type { Quota } from '../quota/quota.ts';

/** Where runs are kept. */
export interface RunStorage {
  /** The table `OutriderHunts`; a tenant's rows are the partition of its id. */
  readonly table: TableStore;
  readonly blobs: StreamingBlobStore;
}

/** What asking for a run needs. */
export interface RequestDependencies extends RunStorage {
  readonly queue: QueueSender;
  readonly clock: Clock;
}

/** What running needs. */
export interface RunDependencies extends RequestDependencies {
  readonly tenants: TenantDirectory;
  readonly sourceFor: (tenant: Tenant) => HuntSource;
  readonly quota: Quota;
  readonly log: Log;
  /** No slice is begun after this long in one message, in milliseconds. Default 4 minutes. */
  readonly budgetMs?: number;
  /** Unique id of whoever runs. Default a random UUID. */
  readonly newHolder?: () => string;
}
