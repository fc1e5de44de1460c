import type { Pending } from './state.ts';

/** At most so many incidents wait to be read again: they are part of the state row, which has its limit. */
export const MAX_PENDING = 200;
const FIRST_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 24 * 3_600_000;

/**
 * The list with one more entry; an incident that waits already is tried later. A full list takes no more whose alerts
 * are missing: their records say so, and the daily sweep reads them again.
 */
export function withPending(
  pending: readonly Pending[],
  { id, why }: Pick<Pending, 'id' | 'why'>,
  nowMs: number,
): readonly Pending[] {
  const others = withoutPending(pending, id);
  if (others.length >= MAX_PENDING && why === 'alertsMissing') return others;
  const tries = (pending.find((entry) => entry.id === id)?.tries ?? -1) + 1;
  const wait = Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS);
  return [...others, { id, why, tries, notBeforeMs: nowMs + wait }];
}

export function withoutPending(pending: readonly Pending[], id: string): readonly Pending[] {
  return pending.some((entry) => entry.id === id) ? pending.filter((entry) => entry.id !== id) : pending;
}
