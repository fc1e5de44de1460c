import { displayWidth, printable, shorten } from './display-text.ts';
import type { Screen, Style } from './screen.ts';

/** One column of a table for people. */
export interface Column<Row> {
  readonly title: string;
  text(row: Row): string;
  /** Default left. */
  readonly align?: 'left' | 'right';
  /** Cut, with `…`, when the terminal is too narrow; down to this many cells. */
  readonly shrinkTo?: number;
  style?(row: Row): Style | undefined;
}

export interface TableOptions {
  readonly screen: Screen;
  /** Blanks before each line; default 0. */
  readonly indent?: number;
}

const GAP = '  ';

/** A table with a heading, without a line break at its end. Control characters in it become blanks. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { screen, indent = 0 }: TableOptions,
): string {
  const titles = columns.map(({ title }) => printable(title));
  const cells = rows.map((row) => columns.map((column) => printable(column.text(row))));
  const widths = fitWidths(
    columns,
    titles.map((title, place) =>
      Math.max(displayWidth(title), ...cells.map((line) => displayWidth(line[place] ?? ''))),
    ),
    (screen.columns() ?? Number.POSITIVE_INFINITY) - indent,
  );
  const lineOf = (texts: readonly string[], paint: (place: number, text: string) => string): string => {
    const line = columns.map((column, place) => {
      const padded = pad(shorten(texts[place] ?? '', widths[place] ?? 0), widths[place] ?? 0, column.align);
      return paint(place, place === columns.length - 1 ? padded.trimEnd() : padded);
    });
    return `${' '.repeat(indent)}${line.join(GAP)}`;
  };
  const heading = lineOf(titles, (_place, text) => screen.paint('bold', text));
  const body = cells.map((texts, index) => lineOf(texts, painter(columns, rows[index], screen)));
  return [heading, ...body].join('\n');
}

function painter<Row>(
  columns: readonly Column<Row>[],
  row: Row | undefined,
  screen: Screen,
): (place: number, text: string) => string {
  return (place, text) => {
    const style = row === undefined ? undefined : columns[place]?.style?.(row);
    return style === undefined ? text : screen.paint(style, text);
  };
}

/** Takes from the columns that may shrink, the widest first, until the line fits. */
function fitWidths<Row>(
  columns: readonly Column<Row>[],
  wanted: readonly number[],
  available: number,
): readonly number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1) - available;
  while (excess > 0) {
    const place = widestThatShrinks(columns, widths);
    if (place === undefined) return widths;
    widths[place] = (widths[place] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestThatShrinks<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
): number | undefined {
  let widest: number | undefined;
  for (const [place, { shrinkTo }] of columns.entries()) {
    const width = widths[place] ?? 0;
    if (shrinkTo === undefined || width <= shrinkTo) continue;
    if (widest === undefined || width > (widths[widest] ?? 0)) widest = place;
  }
  return widest;
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? `${blanks}${text}` : `${text}${blanks}`;
}
