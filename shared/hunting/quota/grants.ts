import type { RunOrigin } from '../run/types.ts';
import type { ParkReason } from './quota.ts';

/** A slice of a tenant's calls, leased to one instance: it may send `calls` requests before `untilMs`. */
export interface Grant {
  readonly holder: string;
  readonly calls: number;
  readonly untilMs: number;
}

/** A tenant's quota as it is stored. Times in milliseconds since 1970. */
export interface QuotaState {
  readonly grants: readonly Grant[];
  readonly parked?: { readonly why: ParkReason; readonly untilMs: number } | undefined;
}

/** What the quota is. */
export interface QuotaLimits {
  /** Requests in any span of `windowMs`, of all instances together. */
  readonly calls: number;
  readonly windowMs: number;
  /** Of these, kept for ad-hoc runs. */
  readonly reserved: number;
  /** How long a slice may be used. */
  readonly leaseMs: number;
  /** Requests of one slice at most. */
  readonly sliceCalls: number;
}

/**
 * At least 45 calls a minute are documented (https://learn.microsoft.com/graph/api/resources/security-api-overview);
 * five are left to whatever else hunts in the tenant. A slice counts from when it is taken until a minute after it
 * ends, since its last request may be sent as late as that: a short lease wastes little of it.
 */
export const HUNTING_QUOTA: QuotaLimits = {
  calls: 40,
  windowMs: 60_000,
  reserved: 10,
  leaseMs: 10_000,
  sliceCalls: 8,
};

export const NO_GRANTS: QuotaState = { grants: [] };

/** What an instance reports of its last slice: how much of it was used, and when for the last time. */
export interface UsedSlice {
  readonly untilMs: number;
  readonly calls: number;
  readonly lastMs: number;
}

/** The state without what no longer counts, and with the holder's ended slice as it was really used. */
export function settled(
  state: QuotaState,
  {
    holder,
    used,
    nowMs,
  }: { readonly holder: string; readonly used: UsedSlice | undefined; readonly nowMs: number },
  { windowMs }: QuotaLimits,
): QuotaState {
  const grants = state.grants
    .map((grant) =>
      used && grant.holder === holder && grant.untilMs === used.untilMs
        ? { ...grant, calls: used.calls, untilMs: Math.min(grant.untilMs, used.lastMs) }
        : grant,
    )
    .filter(({ calls, untilMs }) => calls > 0 && untilMs + windowMs > nowMs);
  const parked = state.parked && state.parked.untilMs > nowMs ? state.parked : undefined;
  return { grants, parked };
}

/** How many calls are free now for a run of this origin. */
export function freeCalls({ grants }: QuotaState, origin: RunOrigin, limits: QuotaLimits): number {
  const taken = grants.reduce((sum, { calls }) => sum + calls, 0);
  const allowed = origin === 'adhoc' ? limits.calls : limits.calls - limits.reserved;
  return Math.max(0, allowed - taken);
}

/** When at least one call is free again for a run of this origin. */
export function freeAgainMs(state: QuotaState, origin: RunOrigin, limits: QuotaLimits): number {
  const byEnd = [...state.grants].sort((a, b) => a.untilMs - b.untilMs);
  for (let ended = 1; ended <= byEnd.length; ended += 1) {
    const left = { grants: byEnd.slice(ended) };
    const last = byEnd[ended - 1];
    if (last && freeCalls(left, origin, limits) > 0) return last.untilMs + limits.windowMs;
  }
  return 0;
}
