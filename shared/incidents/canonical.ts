import { createHash } from 'node:crypto';
import type { ApiFamily } from '../tenant.ts';

/**
 * The number of the rule below. A change of the rule gives every incident another version; stored with it, so
 * that such a change replaces rows without being announced as a change of the incident.
 */
export const VERSION_RULE = 1;

/**
 * The version of an incident: SHA-256, in hex, of its canonical form. Two reads have the same version exactly
 * when they say the same: member order, the order of arrays (none of the API's has a promised order) and
 * `@odata.*` annotations other than `@odata.type` do not count, number spelling does. No other member is known to
 * differ between two reads of an unchanged incident; one that does is to be dropped here, with a new rule number.
 *
 * @param text the incident's JSON text as received
 */
export function versionOf(text: string, family: ApiFamily): string {
  return createHash('sha256').update(`${family}\n`).update(canonicalText(text)).digest('hex');
}

/**
 * The canonical form itself; exported for tests and for people who ask why two versions differ. A text nested deeper
 * than the stack allows stands for itself: it may be announced again when only its order changed.
 */
export function canonicalText(text: string): string {
  try {
    return canonical(parseKeepingNumbers(text));
  } catch (error) {
    if (error instanceof RangeError) return text;
    throw error;
  }
}

/** A number as it was spelled, where JavaScript's own number would lose digits. */
class SpelledNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

// A value position (after a member name, or in an array) with a number that does not surely survive JSON.parse:
// 16 digits or more, a fraction or an exponent. May also hit text inside strings, which only costs time.
const DELICATE_NUMBER = /(?:"\s*:|[[,])\s*-?(?:\d{16,}|\d+[.eE])/;

function parseKeepingNumbers(text: string): unknown {
  if (!DELICATE_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    return String(value) === context.source ? value : new SpelledNumber(context.source);
  });
}

function canonical(value: unknown): string {
  if (value instanceof SpelledNumber) return value.source;
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members: string[] = [];
  const record = value as Record<string, unknown>;
  for (const name of Object.keys(record).sort()) {
    if (name.includes('@odata.') && name !== '@odata.type') continue;
    members.push(`${JSON.stringify(name)}:${canonical(record[name])}`);
  }
  return `{${members.join()}}`;
}
