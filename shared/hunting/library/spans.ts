const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const SHORT = /^(\d+)\s*([smhdw])$/;
const UNIT_MINUTES: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60, d: 1440, w: 10_080 };

/**
 * Minutes of a span as query files write it: ISO 8601 (`PT1H`, `P14D`), short (`5m`, `1h`, `24H`, `1d`), or `0` for
 * near real time. Undefined when it is none of these.
 */
export function minutesOf(text: string): number | undefined {
  const span = text.trim();
  if (span === '0') return 0;
  const [, amount, unit] = SHORT.exec(span.toLowerCase()) ?? [];
  if (amount !== undefined && unit !== undefined) return Number(amount) * (UNIT_MINUTES[unit] ?? 0);
  const parts = ISO.exec(span.toUpperCase());
  if (!parts || /[PT]$/.test(span.toUpperCase())) return undefined;
  const [weeks, days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((weeks ?? 0) * 7 + (days ?? 0)) * 1440 + (hours ?? 0) * 60 + (minutes ?? 0) + (seconds ?? 0) / 60;
}

/** Whole minutes as ISO 8601. */
export function spanOf(minutes: number): string {
  if (minutes % 1440 === 0 && minutes > 0) return `P${minutes / 1440}D`;
  if (minutes % 60 === 0 && minutes > 0) return `PT${minutes / 60}H`;
  return `PT${minutes}M`;
}
