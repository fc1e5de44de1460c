import type { RunContext } from './context.ts';

/** Incidents of this average size are large: a page holds 16 of them or fewer. Bytes as received. */
const LARGE_BYTES = 512 * 1024;
const READS_AT_ONCE = 4;

/**
 * Tenants whose incidents are large, or of a size that nothing has told yet, take turns with what they read and store,
 * so that a process that syncs many tenants at once holds a few pages of megabytes and not one for each.
 */
export function inTurn<Result>(context: RunContext, work: () => Promise<Result>): Promise<Result> {
  const isNew = context.session.memory.state.counts.versions === 0;
  return isNew || hasLarge(context) ? context.largeTurns.run(work) : work();
}

/** Incidents that are read by id at the same time; of large ones only one. */
export function readsAtOnce(context: RunContext): number {
  return hasLarge(context) ? 1 : READS_AT_ONCE;
}

/** True for a tenant whose incidents are large. */
export function hasLarge({ session }: RunContext): boolean {
  return session.memory.state.itemBytes >= LARGE_BYTES;
}
