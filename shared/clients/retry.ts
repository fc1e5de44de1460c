import type { Clock } from '../clock.ts';

/** Statuses after which the same call may do better a moment later. */
export const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 20_000;
/** No quota takes longer to come back; a greater wait is a slip of the service, and would stop a tenant for good. */
const LONGEST_WAIT_MS = 3_600_000;
/** `Sat, 21 Nov 2026 12:00:00 GMT` and its older forms; Date.parse alone takes `-5` for a date. */
const HTTP_DATE = /^[A-Za-z]{3,9},? /;
const SECONDS = /^\d+(?:\.\d+)?$/;
/** A time of day or a number of seconds or minutes in a text such as "try again in 30 seconds". */
const RESET_TIME = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/;
const RESET_WAIT = /\b(\d{1,5}) ?(second|minute)s?\b/i;

/** An HTTP date in milliseconds since 1970 UTC; undefined if it is none. */
export function httpDateMs(text: string | undefined): number | undefined {
  const ms = text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * How long the service asks to wait, in milliseconds: `Retry-After` in seconds or as an HTTP date, which is judged
 * against the service's own clock; at most one hour. undefined if it does not say, or says nothing usable.
 */
export function retryAfterMs(header: string | undefined, serviceNowMs: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (SECONDS.test(text)) return bounded(Math.ceil(Number(text) * 1000));
  const date = httpDateMs(text);
  return date === undefined ? undefined : bounded(date - serviceNowMs);
}

/**
 * When the quota is free again by the words of a 429, in milliseconds from now. The Defender XDR pages promise
 * that the body says so and not in which form; used only where `Retry-After` is missing.
 */
export function resetMsFromText(message: string, serviceNowMs: number): number | undefined {
  const time = Date.parse(RESET_TIME.exec(message)?.[0] ?? '');
  if (!Number.isNaN(time)) return bounded(time - serviceNowMs);
  const wait = RESET_WAIT.exec(message);
  if (!wait) return undefined;
  return bounded(Number(wait[1]) * (wait[2]?.toLowerCase() === 'minute' ? 60_000 : 1_000));
}

/** Exponential backoff, half of it jitter; `retry` counts from 0. */
export function backoffMs(retry: number, clock: Clock): number {
  const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** retry);
  return Math.round(ceiling / 2 + (clock.random() * ceiling) / 2);
}

function bounded(ms: number): number {
  return Math.min(LONGEST_WAIT_MS, Math.max(0, ms));
}
