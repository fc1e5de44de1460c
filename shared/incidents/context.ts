import type { Clock } from '../clock.ts';
import type { Turns } from '../concurrency.ts';
import type { Log } from '../log.ts';
import type { BlobStore, TableStore } from '../storage.ts';
import type { Tenant } from '../tenant.ts';
import type { PaddedTime } from '../time.ts';
import type { IncidentSource, Reading } from './ports.ts';
import type { Session } from './session.ts';

/** What one bounded run works with. */
export interface RunContext {
  /** The run's id: in every log line, and in the state's lease. */
  readonly run: string;
  readonly tenant: Tenant;
  readonly source: IncidentSource;
  readonly session: Session;
  readonly table: TableStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal | undefined;
  readonly figures: Figures;
  /** Of tenants whose incidents are large, in this process. */
  readonly largeTurns: Turns;
  /** When each incident was read whole in this run, by the service's time. */
  readonly readAt: Map<
    string,
    { readonly at: PaddedTime; readonly alertIds?: ReadonlySet<string> | undefined }
  >;
  /** True once the run should store its cursors and end. */
  overBudget(): boolean;
}

/** Counts of one run, for its log event and the tenant's state. */
export interface Figures {
  calls: number;
  bytes: number;
  /** Versions written. */
  stored: number;
  /** Versions put on the change feed. */
  announced: number;
  /** Versions found behind the watermark. */
  late: number;
}

/** The part of a query to the source that is the same for all reads of a run. */
export function reading(context: RunContext): Reading {
  return {
    tenant: context.tenant.id,
    signal: context.signal,
    onCall: () => {
      context.figures.calls++;
    },
  };
}
