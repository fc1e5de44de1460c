import type { SyncState } from './state.ts';

/** A run that was asked for and never began is forgotten after this; so is one that died and that nothing took up. */
const LIVES_ON_MS = 10 * 60_000;

/**
 * The run that is under way or asked for, if any. One whose process died is until another invocation has taken it up
 * and ended it: the lease that it left says so.
 */
export function runUnderWay({ lease, requested }: SyncState, nowMs: number): string | undefined {
  if (lease && lease.untilMs > nowMs - LIVES_ON_MS) return lease.run;
  return requested && requested.atMs > nowMs - LIVES_ON_MS ? requested.run : undefined;
}

/** Why a run should not begin now, if so. One that was asked for begins whatever failed before. */
export function whyNot(
  { removedMs, lease, requested, nextAttemptMs }: SyncState,
  holder: string,
  nowMs: number,
): 'removed' | 'busy' | 'waiting' | undefined {
  if (removedMs !== undefined) return 'removed';
  if (lease && lease.holder !== holder && lease.untilMs > nowMs) return 'busy';
  const asked = requested && requested.atMs > nowMs - LIVES_ON_MS;
  return !asked && nextAttemptMs !== undefined && nextAttemptMs > nowMs ? 'waiting' : undefined;
}
