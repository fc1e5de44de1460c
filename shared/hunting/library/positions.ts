import type { QuerySource } from '../query.ts';

/** A place in a file: line from 1, column from 1 in UTF-16 units. A byte order mark is no column. */
export interface FilePosition {
  readonly line: number;
  readonly column: number;
}

/**
 * From the text offset `at` on, each character of a query stands one further in the file, beginning at the file's
 * offset `offset`, until the next run.
 */
export interface Run {
  readonly at: number;
  readonly offset: number;
}

/** Finds the position of an offset in a text. Lines end with `\n` or `\r\n`. */
export function createLineIndex(text: string): (offset: number) => FilePosition {
  const starts = lineStarts(text);
  return (offset) => {
    const line = lastAtOrBefore(starts, offset, (start) => start);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

/** Offsets at which the lines of a text begin. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let next = text.indexOf('\n'); next !== -1; next = text.indexOf('\n', next + 1)) starts.push(next + 1);
  return starts;
}

/** Where a query's text stands in its file, from the runs that make it up. */
export function placesOf(
  text: string,
  runs: readonly Run[],
  positionOf: (offset: number) => FilePosition,
): Pick<QuerySource, 'lines' | 'places'> {
  const starts = lineStarts(text);
  const lines = starts.map((start) => {
    const run = runs[lastAtOrBefore(runs, start, ({ at }) => at)] ?? { at: 0, offset: 0 };
    return positionOf(run.offset + start - run.at);
  });
  const atLineStart = new Set(starts);
  const places = runs
    .filter(({ at }) => !atLineStart.has(at) && at < text.length)
    .map(({ at, offset }) => ({ at, ...positionOf(offset) }));
  return places.length === 0 ? { lines } : { lines, places };
}

/**
 * Where the character at an offset of a query's text stands in the file it came from.
 *
 * @param offset UTF-16 units in `text`; the text's own length means its end
 */
export function positionInFile(
  { text, source }: { readonly text: string; readonly source: QuerySource },
  offset: number,
): FilePosition {
  const starts = lineStarts(text.slice(0, offset));
  const index = starts.length - 1;
  const start = starts[index] ?? 0;
  const { line, column } = source.lines[index] ?? source.lines.at(-1) ?? { line: 1, column: 1 };
  const places = source.places ?? [];
  const place = places[lastAtOrBefore(places, offset, ({ at }) => at)];
  if (place && place.at > start && place.at <= offset) {
    return { line: place.line, column: place.column + offset - place.at };
  }
  return { line, column: column + offset - start };
}

/** Index of the last item whose key is at most `limit`; 0 when there is none. */
function lastAtOrBefore<Item>(items: readonly Item[], limit: number, keyOf: (item: Item) => number): number {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const item = items[middle];
    if (item !== undefined && keyOf(item) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
