import { membersOf } from '../clients/raw-json.ts';

/** What makes a spreadsheet take a text for a formula: its first visible character, or a tab or line end before it. */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u;
const LINE_END = '\r\n';

/**
 * Rows as CSV (https://www.rfc-editor.org/rfc/rfc4180), with a header line. Columns that only some rows have come
 * behind those of the schema. A null is an empty field, an empty text is `""`; numbers and dynamic values stand as the
 * service wrote them. A text that a spreadsheet would take for a formula gets an apostrophe in front.
 *
 * @param columns of the schema, in its order
 * @param rows each the text of one JSON object
 */
export function csvOf(columns: readonly string[], rows: readonly string[]): string {
  const names = new Set(columns);
  addNames(names, rows);
  return csvHeader([...names]) + csvLines([...names], rows);
}

/** The header alone, for CSV that is written a part at a time: {@link addNames}, then {@link csvLines} of each part. */
export const csvHeader = (names: readonly string[]): string => csvLine(names.map(textField));

/** Adds the names of columns that rows have. */
export function addNames(names: Set<string>, rows: readonly string[]): void {
  for (const row of rows) for (const { key } of membersOf(row)) names.add(key);
}

/** Rows without the header; only the columns named. */
export function csvLines(names: readonly string[], rows: readonly string[]): string {
  return rows
    .map((row) => {
      const cells = cellsOf(row);
      return csvLine(names.map((name) => cells.get(name) ?? ''));
    })
    .join('');
}

const csvLine = (fields: readonly string[]): string => fields.join(',') + LINE_END;

/** Fields of a row by column, ready to be written. */
function cellsOf(row: string): ReadonlyMap<string, string> {
  return new Map(membersOf(row).map(({ key, value }) => [key, fieldOf(row.slice(value.start, value.end))]));
}

function fieldOf(json: string): string {
  if (json === 'null') return '';
  return json.startsWith('"') ? textField(String(JSON.parse(json))) : quoted(json);
}

function textField(text: string): string {
  return text === '' ? '""' : quoted(FORMULA.test(text) ? `'${text}` : text);
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
