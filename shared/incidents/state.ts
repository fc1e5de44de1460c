import { type ErrorCode, OutriderError } from '../errors.ts';
import type { SyncSettings, Tenant } from '../tenant.ts';
import { addMs, type PaddedTime } from '../time.ts';

/** Format number of rows, blobs, messages and tokens. Readers accept this one. */
export const FORMAT = 1;

/** What has been read of a live list up to now. */
export interface Cursor {
  /** W: everything with an earlier last update was seen by a complete pass, late arrivals apart. */
  readonly watermark: PaddedTime;
  /** Service time at which the last complete pass began. */
  readonly passBegan?: PaddedTime | undefined;
}

/** A stretch of last-update times still to be read by slices, from its end backwards. `from <= t < to`. */
export interface Stretch {
  readonly kind: 'incidents' | 'alerts' | 'sweep';
  readonly from: PaddedTime;
  /** The checkpoint: moves back as slices are stored. */
  readonly to: PaddedTime;
  /** Where `to` began; for progress. */
  readonly began: PaddedTime;
  /** Changes found here go to the change feed. False for the first load only. */
  readonly announce: boolean;
  /** Length of the next slice in ticks (100 ns): follows the density seen. */
  readonly sliceTicks: number;
}

/** An incident to be read again by id. */
export interface Pending {
  readonly id: string;
  readonly why: 'alertsMissing' | 'readFailed';
  readonly tries: number;
  /** Not before this local time, milliseconds since 1970. */
  readonly notBeforeMs: number;
}

/** Why a tenant is not fresh, in the words that people are shown. */
export interface Failure {
  readonly code: ErrorCode;
  readonly text: string;
  readonly sinceMs: number;
  readonly atMs: number;
  /** Failed runs in a row. */
  readonly count: number;
  readonly serviceCode?: string | undefined;
  readonly trackingId?: string | undefined;
}

/** How far retention has come today. */
export interface RetentionProgress {
  readonly day: string;
  readonly step: 'history' | 'resolved' | 'feed' | 'blobs';
  readonly after?: string | undefined;
}

/** What one run did. */
export interface RunFigures {
  readonly id: string;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly calls: number;
  readonly stored: number;
  readonly announced: number;
  readonly late: number;
  readonly more: boolean;
}

/** A run that writes says so; others leave the tenant alone meanwhile. Spares work, protects nothing. */
export interface Lease {
  /** The run's public id. */
  readonly run: string;
  /** What holds it: the queue's message, over all its tries, or else the invocation. */
  readonly holder: string;
  /** Milliseconds since 1970; moved on with each write. */
  readonly untilMs: number;
}

/** Everything the sync remembers of a tenant: the row `s`. Its ETag is the fence of every write. */
export interface SyncState {
  readonly v: typeof FORMAT;
  /** Names the write that made this state, so that a run recognises its own after a lost answer. */
  readonly writer: string;
  readonly addedMs: number;
  /** When the tenant was removed; the state of a removed tenant holds nothing else of it. */
  readonly removedMs?: number | undefined;
  /** Which of its registrations was removed, and all before it. */
  readonly removedGeneration?: number | undefined;
  readonly nextSequence: number;
  readonly head?: Cursor | undefined;
  readonly alerts?: Cursor | undefined;
  readonly stretches: readonly Stretch[];
  readonly firstLoad?:
    | { readonly from: PaddedTime; readonly to: PaddedTime; readonly doneMs?: number | undefined }
    | undefined;
  readonly pending: readonly Pending[];
  /** Overlap now in force, in milliseconds: the setting, wider after late arrivals. */
  readonly overlapMs: number;
  /** Since the last sweep a pass took several pages: one of a live list's traps may have hidden an incident. */
  readonly sweepWanted?: boolean | undefined;
  /** Watermark at the start of the last sweep, and of the last one over the whole sweep window. */
  readonly sweptAt?: PaddedTime | undefined;
  readonly sweptWideAt?: PaddedTime | undefined;
  /**
   * `$expand=alerts` was seen to leave alerts out at this many, without a word: incidents with as many get theirs from
   * the list of alerts. Undefined as long as it never happened.
   */
  readonly expandLimit?: number | undefined;
  /** Average size of an incident as received, in bytes; decides `$top`. */
  readonly itemBytes: number;
  readonly lease?: Lease | undefined;
  readonly requested?: { readonly run: string; readonly atMs: number } | undefined;
  readonly lastRun?: RunFigures | undefined;
  readonly lastSuccessMs?: number | undefined;
  /** Greatest last update seen: how new the stored data is. */
  readonly newest?: PaddedTime | undefined;
  readonly failure?: Failure | undefined;
  /** No run before this local time unless asked for; milliseconds since 1970. */
  readonly nextAttemptMs?: number | undefined;
  readonly counts: {
    readonly incidents: number;
    readonly versions: number;
    readonly late: number;
    readonly calls: number;
  };
  /** Where the day's retention work stands, and the last day (UTC) on which it was done. */
  readonly retention?: RetentionProgress | undefined;
  readonly retainedDay?: string | undefined;
}

/** `id → version` of incidents (`alertId → last update` of alerts) inside the overlap window. */
export type Seen = ReadonlyMap<string, string>;

/** A tenant's state with what of it may live in a blob. */
export interface TenantMemory {
  readonly state: SyncState;
  readonly seen: Seen;
  readonly seenAlerts: Seen;
}

const DEFAULT_ITEM_BYTES = 20_000;

/** A tenant that was never synced. */
export function newState(nowMs: number, settings: SyncSettings): SyncState {
  return {
    v: FORMAT,
    writer: '',
    addedMs: nowMs,
    nextSequence: 1,
    stretches: [],
    pending: [],
    overlapMs: settings.overlapMinutes * 60_000,
    itemBytes: DEFAULT_ITEM_BYTES,
    counts: { incidents: 0, versions: 0, late: 0, calls: 0 },
  };
}

/**
 * Was the tenant removed with this registration or a later one? The state that an earlier removal left is void for a
 * tenant that was registered again, or that the settings name.
 */
export function isRemoved(
  { removedMs, removedGeneration }: Pick<SyncState, 'removedMs' | 'removedGeneration'>,
  generation: Tenant['generation'],
): boolean {
  if (removedMs === undefined) return false;
  return removedGeneration === undefined || (generation !== undefined && generation <= removedGeneration);
}

/**
 * The state of this registration of the tenant: the stored one, or `initial` behind the removal of an earlier one. Its
 * sequence numbers go on, for the readers of its change feed.
 */
export function stateFor(
  stored: SyncState | undefined,
  initial: SyncState,
  generation: Tenant['generation'],
): SyncState {
  if (!stored) return initial;
  if (stored.removedMs === undefined || isRemoved(stored, generation)) return stored;
  return { ...initial, nextSequence: stored.nextSequence };
}

/**
 * L, the lower bound of a pass: the watermark less the overlap, until a complete pass began more than one overlap
 * after the watermark; what was late by less than that has then been seen.
 */
export function lowerBound(cursor: Cursor, overlapMs: number): PaddedTime {
  const settled = cursor.passBegan !== undefined && cursor.passBegan > addMs(cursor.watermark, overlapMs);
  return settled ? cursor.watermark : addMs(cursor.watermark, -overlapMs);
}

/** For whoever would write something of a tenant that was removed. */
export function removedTenant(tenant: string): OutriderError {
  return new OutriderError(
    'tenant.disabled',
    `Tenant ${tenant} was removed: nothing new is stored for it. Register it again to use it.`,
    { tenant },
  );
}
