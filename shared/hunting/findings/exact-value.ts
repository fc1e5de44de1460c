/** A number that a JavaScript number cannot hold, as it is spelled. */
class ExactNumber {
  readonly spelling: string;
  constructor(spelling: string) {
    this.spelling = spelling;
  }
}

/** As many digits a JavaScript number holds, whatever they are. */
const SURE_DIGITS = 15;
const MAY_BE_INEXACT = /\d[\d.]{15}/;

/** A row as an object of values; numbers of more digits than JavaScript's own keep their spelling. */
export function readExactly(text: string): Readonly<Record<string, unknown>> {
  // Naming every value's spelling takes several times as long, and most rows have no such number.
  const row: unknown = MAY_BE_INEXACT.test(text) ? JSON.parse(text, keepSpelling) : JSON.parse(text);
  return typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : {};
}

function keepSpelling(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  const digits = source.replace(/e.*$/i, '').replace(/\D/g, '');
  return digits.length > SURE_DIGITS ? new ExactNumber(source) : value;
}

/**
 * The same text for the same value, however it was written: members sorted by name, those that are null left out
 * (an open row may have them or not), strings escaped in one way.
 */
export function canonicalValue(value: unknown): string {
  if (value instanceof ExactNumber) return value.spelling;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalValue).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalValue(member)}`).join(',')}}`;
}
