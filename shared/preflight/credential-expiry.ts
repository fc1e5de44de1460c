/** So long before a credential expires it is told of: time for a change request, and for a weekend. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

/** Whole days until a moment, negative when it is over; undefined where it is further away than is told of. */
export function daysIfSoon(expiresAtMs: number | undefined, nowMs: number): number | undefined {
  if (expiresAtMs === undefined) return undefined;
  const days = Math.floor((expiresAtMs - nowMs) / DAY_MS);
  return days <= SOON_DAYS ? days : undefined;
}

/** `expires in 12 days`, `expires today`, `has expired`, with the day in UTC. */
export function expiryWords(days: number, expiresAtMs: number): string {
  const day = new Date(expiresAtMs).toISOString().slice(0, 10);
  if (days < 0) return `has expired on ${day}`;
  if (days === 0) return `expires within a day (${day})`;
  return `expires in ${days} ${days === 1 ? 'day' : 'days'} (${day})`;
}
