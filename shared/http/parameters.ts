import { OutriderError } from '../errors.ts';
import { whyNoGuid } from '../id-words.ts';
import { closestTo, isGuid } from '../text.ts';
import { type PaddedTime, padTime } from '../time.ts';

/** What a route may read of a request: all faults of its parameters are collected and answered together. */
export interface Parameters {
  /** One of the allowed words; `fallback` when absent. */
  word<Word extends string>(name: string, allowed: readonly Word[], fallback: Word): Word;
  /** Any of the allowed words, separated by commas. */
  words(name: string, allowed: readonly string[]): readonly string[] | undefined;
  integer(
    name: string,
    range: { readonly from: number; readonly to: number; readonly fallback: number },
  ): number;
  time(name: string): PaddedTime | undefined;
  text(name: string, maxLength: number): string | undefined;
  /** A text that must be there; empty where it is not, which is a fault. */
  required(name: string, maxLength: number): string;
  fault(text: string): void;
  /** To be called last: throws `request.invalid` naming every fault, unknown parameters included. */
  done(): void;
}

/** Reads the query string of a request. */
export function readParameters(query: URLSearchParams): Parameters {
  const asked = new Set<string>();
  const faults: string[] = [];

  function one(name: string): string | undefined {
    asked.add(name);
    const values = query.getAll(name);
    if (values.length > 1) faults.push(`${name}: given ${values.length} times, allowed once.`);
    return values[0];
  }

  function text(name: string, maxLength: number): string | undefined {
    const value = one(name);
    if (value !== undefined && value.length > maxLength) {
      faults.push(`${name}: may have ${maxLength} characters at most.`);
    }
    return value;
  }

  return {
    text,
    fault: (words) => void faults.push(words),
    required(name, maxLength) {
      const value = text(name, maxLength);
      if (value === undefined || value === '') faults.push(`${name}: is missing.`);
      return value ?? '';
    },
    word(name, allowed, fallback) {
      const value = one(name);
      if (value === undefined) return fallback;
      const found = allowed.find((word) => word.toLowerCase() === value.toLowerCase());
      if (found === undefined) faults.push(`${name}: must be one of ${allowed.join(', ')}.`);
      return found ?? fallback;
    },
    words(name, allowed) {
      const values = one(name)
        ?.split(',')
        .map((value) => value.trim().toLowerCase());
      if (!values) return undefined;
      const found = allowed.filter((word) => values.includes(word.toLowerCase()));
      const known = allowed.map((word) => word.toLowerCase());
      if (values.some((value) => !known.includes(value))) {
        faults.push(`${name}: must be one or more of ${allowed.join(', ')}, separated by commas.`);
      }
      return found;
    },
    integer(name, { from, to, fallback }) {
      const value = one(name);
      if (value === undefined) return fallback;
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= from && number <= to) return number;
      faults.push(`${name}: must be a whole number from ${from} to ${to}.`);
      return fallback;
    },
    time(name) {
      const value = one(name);
      if (value === undefined) return undefined;
      // A plus sign in a query string arrives as a blank.
      const time = timeOf(value.replace(' ', '+'));
      if (time === undefined) faults.push(`${name}: must be a time such as 2026-01-31T08:00:00Z.`);
      return time;
    },
    done() {
      for (const name of new Set(query.keys())) {
        if (asked.has(name)) continue;
        const meant = closestTo(name, [...asked]);
        faults.push(`${name.slice(0, 60)}: not a parameter here${meant ? `; did you mean ${meant}?` : '.'}`);
      }
      if (faults.length === 0) return;
      throw new OutriderError('request.invalid', `The request's parameters are wrong. ${faults.join(' ')}`, {
        details: faults,
      });
    },
  };
}

/** A time of the calendar. `Date` would take 31 February for 3 March, and has years that need more than four digits. */
function timeOf(text: string): PaddedTime | undefined {
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined;
  const time = padTime(text);
  return time !== undefined && /^[1-9]\d{3}-/.test(time) ? time : undefined;
}

/**
 * The tenant id of a route.
 *
 * @throws OutriderError `request.invalid` unless it is a GUID
 */
export function tenantIdOf(params: Readonly<Record<string, string | undefined>>): string {
  const id = params.tenantId ?? '';
  if (isGuid(id)) return id.toLowerCase();
  throw new OutriderError(
    'request.invalid',
    `The tenant in the address ${whyNoGuid(id)}. An id is such as 00000000-0000-0000-0000-000000000000.`,
  );
}

/** @throws OutriderError `request.invalid` unless it is a GUID */
export function invitationIdOf(params: Readonly<Record<string, string | undefined>>): string {
  const id = params.invitationId ?? '';
  if (isGuid(id)) return id.toLowerCase();
  throw new OutriderError(
    'request.invalid',
    'The invitation in the address must be named by its id, a GUID.',
  );
}
