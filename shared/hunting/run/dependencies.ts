import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { QueueSender, StreamingBlobStore, TableStore } from '../../storage.ts';
import type { Tenant, TenantDirectory } from '../../tenant.ts';
import type { CheckResult, HuntSource } from '../ports.ts';
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
  readonly edits: TextEdits;
  readonly log: Log;
  /** No slice is begun after this long in one message, in milliseconds. Default 4 minutes. */
  readonly budgetMs?: number;
  /** Unique id of whoever runs. Default a random UUID. */
  readonly newHolder?: () => string;
}

/** Edits of a query's text that the analysis of its parse tree allows; from shared/hunting/kql. */
export interface TextEdits {
  /** `now()` and `ago()` replaced by what they were at `at`, a padded time. */
  pinClock(text: string, check: Pick<CheckResult, 'slicing' | 'clockCalls'>, at: string): PinnedText;
  /** The text for rows of `from <= time < to`, padded times. */
  sliceText(
    text: string,
    slicing: SlicingPoint,
    slice: { readonly from: string; readonly to: string },
  ): string;
}

/** Where and on which column a text is sliced. */
export type SlicingPoint = Extract<CheckResult['slicing'], { possible: true }>;

/** A text whose clock stands still, and where its slices go now. */
export interface PinnedText {
  readonly text: string;
  readonly slicing: SlicingPoint;
}
