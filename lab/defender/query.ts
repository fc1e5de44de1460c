/** The query of a request, split but otherwise as it was on the wire. */
export interface QueryPair {
  readonly name: string;
  readonly value: string;
  /** `name=value` as written. */
  readonly raw: string;
}

export interface ReadTarget {
  /** Path segments, decoded. */
  readonly segments: readonly string[];
  readonly pairs: readonly QueryPair[];
  value(name: string): string | undefined;
}

/** A request line that a service refuses; the message goes into the 400's body. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/**
 * Splits path and query of a request line. `+` in a query is a blank, as ASP.NET reads it.
 * @throws QueryError for characters that must be percent-encoded, bad encodings and repeated options
 */
export function readTarget(rawTarget: string, refuseRawQuotes: boolean): ReadTarget {
  const mark = rawTarget.indexOf('?');
  const path = mark < 0 ? rawTarget : rawTarget.slice(0, mark);
  const query = mark < 0 ? '' : rawTarget.slice(mark + 1);
  if (/[\s"<>]/.test(rawTarget) || (refuseRawQuotes && query.includes("'"))) {
    throw new QueryError('The request line holds characters that must be percent-encoded.');
  }
  const pairs = query
    .split('&')
    .filter((raw) => raw !== '')
    .map(readPair);
  const names = pairs.map((pair) => pair.name);
  const repeated = names.find((name, place) => names.indexOf(name) !== place);
  if (repeated !== undefined)
    throw new QueryError(`Query option '${repeated}' was specified more than once.`);
  return {
    segments: path.split('/').slice(1).map(decode),
    pairs,
    value: (name) => pairs.find((pair) => pair.name === name)?.value,
  };
}

/** A whole number option, or undefined when absent. @throws QueryError */
export function numberOption(target: ReadTarget, name: string, least: number): number | undefined {
  const written = target.value(name);
  if (written === undefined) return undefined;
  const value = Number(written);
  if (!/^\d+$/.test(written) || !Number.isSafeInteger(value) || value < least) {
    throw new QueryError(`Invalid value '${written}' for ${name} query option found.`);
  }
  return value;
}

/** @throws QueryError for an OData option (`$…`) that is neither in `offered` nor in `ignored` */
export function refuseOtherOptions(
  target: ReadTarget,
  offered: readonly string[],
  ignored: readonly string[],
): void {
  const other = target.pairs.find(
    ({ name }) => name.startsWith('$') && !offered.includes(name) && !ignored.includes(name),
  );
  if (other) throw new QueryError(`The query option '${other.name}' is not supported.`);
}

function readPair(raw: string): QueryPair {
  const equals = raw.indexOf('=');
  const name = equals < 0 ? raw : raw.slice(0, equals);
  const value = equals < 0 ? '' : raw.slice(equals + 1);
  return { name: decode(name), value: decode(value.replaceAll('+', ' ')), raw };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new QueryError('The request line holds a bad percent-encoding.');
  }
}
