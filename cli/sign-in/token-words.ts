/** `in 58 min`, `in 2 h 5 min`, `expired 3 min ago`. */
export function expiryWords(expiresAt: number, now: number): string {
  const minutes = Math.floor(Math.abs(expiresAt - now) / 60_000);
  const span =
    minutes < 1
      ? 'less than a minute'
      : minutes < 60
        ? `${minutes} min`
        : `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return expiresAt > now ? `in ${span}` : `expired ${span} ago`;
}
