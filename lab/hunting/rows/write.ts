import type { BoundQuery, Column, ColumnType } from '../binding.ts';
import type { HuntSettings } from '../settings.ts';
import { createCell, type RowCell } from './cells.ts';
import { draw, hex } from './chance.ts';
import type { PlannedRow } from './plan.ts';
import type { Scene } from './scene.ts';

/** Whose names and annotations an answer has. */
export type Wire = 'graph' | 'xdr';

/** Writes planned rows as JSON objects. */
export type RowWriter = (row: PlannedRow) => string;

interface Part {
  readonly name: string;
  readonly annotation: string;
  readonly cell: RowCell;
}

const FILLER = Array.from({ length: 1024 }, (_, n) => hex(n, 32)).join(' ');

export function createRowWriter(
  { columns, wanted }: BoundQuery,
  options: {
    readonly scene: Scene;
    readonly settings: HuntSettings;
    readonly wire: Wire;
    /** Least length of a row; null: as it comes. */
    readonly rowBytes: number | null;
  },
): RowWriter {
  const { scene, settings, wire, rowBytes } = options;
  const parts: Part[] = columns.map((column) => ({
    name: `${JSON.stringify(column.name)}:`,
    annotation: wire === 'graph' ? annotationOf(column, settings) : '',
    cell: createCell(column, { scene, style: settings, wanted: wanted[column.name] }),
  }));
  const filled = columns.findLastIndex(({ name, type }) => type === 'string' && wanted[name] === undefined);
  const start =
    wire === 'graph' && settings.huntAnnotations === 'all'
      ? '"@odata.type":"#microsoft.graph.security.huntingRowResult",'
      : '';
  const end = settings.huntExtraColumn ? ',"LabExtra":"not in the schema"' : '';

  return (row) => {
    const cells = parts.map(({ cell }) => cell(row));
    let text = textOf(parts, cells);
    const missing = (rowBytes ?? 0) - text.length - start.length - end.length - 2;
    const last = cells[filled];
    if (missing > 0 && last !== undefined) {
      cells[filled] = `${last.slice(0, -1)}${filler(row.event, missing)}"`;
      text = textOf(parts, cells);
    }
    return `{${start}${text}${end}}`;
  };
}

function textOf(parts: readonly Part[], cells: readonly string[]): string {
  let text = '';
  for (const [place, { name, annotation }] of parts.entries()) {
    const cell = cells[place] ?? 'null';
    if (place > 0) text += ',';
    if (cell !== 'null') text += annotation;
    text += name + cell;
  }
  return text;
}

function filler(seed: number, length: number): string {
  const from = draw(seed, 99) % FILLER.length;
  const text = FILLER.slice(from, from + length);
  return text.length === length
    ? text
    : text + FILLER.repeat(Math.ceil(length / FILLER.length)).slice(0, length - text.length);
}

const ANNOTATED: Partial<Record<ColumnType, string>> = {
  long: '#Int64',
  decimal: '#Decimal',
  datetime: '#DateTimeOffset',
  guid: '#Guid',
};

function annotationOf({ name, type }: Column, { huntAnnotations }: HuntSettings): string {
  const annotation = ANNOTATED[type];
  const isWanted = huntAnnotations === 'all' || (huntAnnotations === 'int64' && type === 'long');
  return annotation !== undefined && isWanted
    ? `${JSON.stringify(`${name}@odata.type`)}:${JSON.stringify(annotation)},`
    : '';
}

/** Names of types as hunting answers have them: those of .NET. */
const TYPE_NAMES: Readonly<Record<ColumnType, string>> = {
  string: 'String',
  long: 'Int64',
  int: 'Int32',
  datetime: 'DateTime',
  timespan: 'TimeSpan',
  bool: 'Boolean',
  real: 'Double',
  decimal: 'SqlDecimal',
  guid: 'Guid',
  dynamic: 'Object',
};

/** The `schema` of Graph, the `Schema` of the Defender XDR API. */
export function schemaText(columns: readonly Column[], wire: Wire, { huntBools }: HuntSettings): string {
  const [name, type] = wire === 'graph' ? ['name', 'type'] : ['Name', 'Type'];
  return JSON.stringify(
    columns.map((column) => ({
      [name]: column.name,
      [type]: column.type === 'bool' && huntBools === 'sbyte' ? 'SByte' : TYPE_NAMES[column.type],
    })),
  );
}
