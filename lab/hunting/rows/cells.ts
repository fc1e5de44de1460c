import type { Column } from '../binding.ts';
import type { HuntSettings } from '../settings.ts';
import { draw, share, uuid } from './chance.ts';
import { hourText, offsetText, type PlannedRow } from './plan.ts';
import type { Scene } from './scene.ts';
import { oneOf, textCell } from './texts.ts';

/** Writes one column of a row, as JSON. */
export type RowCell = (row: PlannedRow) => string;

type Style = Pick<HuntSettings, 'huntDynamic' | 'huntBools' | 'huntTimeDigits'>;

const MAY_BE_NULL = 0.05;
/** Process ids and the like differ from row to row even where the same thing happens again. */
const OF_THE_EVENT = /(Id|ID)$/;

/** How the values of a column are made: by its name, its type, and what the query looks for in it. */
export function createCell(
  { name, type }: Column,
  options: {
    readonly scene: Scene;
    readonly style: Style;
    readonly wanted: readonly string[] | undefined;
  },
): RowCell {
  const { scene, style, wanted } = options;
  const n = 10 + (name.length % 50);
  const orNull =
    (cell: RowCell): RowCell =>
    (row) =>
      share(row.entity, n) < MAY_BE_NULL ? 'null' : cell(row);
  switch (type) {
    case 'string': {
      const cell = wanted ? oneOf(wanted, name) : textCell(name, scene);
      return ({ entity, event, serial }) => cell(entity, event, serial);
    }
    case 'datetime':
      return /(Timestamp|TimeGenerated)$/.test(name)
        ? ({ hourMs, offset }) => timeCell(hourMs, offset, style)
        : orNull(({ hourMs, offset, event }) =>
            timeCell(hourMs - (draw(event, n) % 240) * 3_600_000, offset, style),
          );
    case 'int':
      return orNull((row) => String(numberOf(row, name, n) % 60_000));
    case 'long':
      // Greater than what a double holds exactly: whoever rounds it takes two rows for one.
      return name === 'ReportId'
        ? ({ serial }) => `1${String(serial).padStart(18, '0')}`
        : orNull((row) => String(numberOf(row, name, n)));
    case 'real':
      return orNull(({ entity }) => String(Math.round(share(entity, n) * 1e6) / 1e4));
    case 'decimal':
      return orNull(
        ({ entity }) => `${draw(entity, n)}1234567890.${String(draw(entity, n + 1)).padStart(12, '0')}`,
      );
    case 'bool': {
      const [yes, no] = style.huntBools === 'boolean' ? ['true', 'false'] : ['1', '0'];
      return orNull(({ entity }) => (share(entity, n) < 0.5 ? yes : no));
    }
    case 'guid':
      return orNull(({ entity }) => `"${uuid(draw(entity, n))}"`);
    case 'timespan':
      return orNull(({ event }) => `"${offsetText(draw(event, n)).replace('Z', '').replace(/^/, '00:')}"`);
    case 'dynamic':
      return orNull(dynamicCell(style, n));
  }
}

const PORTS = [443, 80, 3389, 445, 53, 8443];

function numberOf({ entity, event }: PlannedRow, name: string, n: number): number {
  if (/Port$/.test(name)) return PORTS[draw(entity, n) % PORTS.length] ?? 443;
  if (/Size$/.test(name)) return draw(entity, n) % 9_000_000;
  if (/count/i.test(name)) return 1 + (draw(event, n) % 400);
  return draw(OF_THE_EVENT.test(name) ? event : entity, n) % 100_000;
}

function timeCell(hourMs: number, offset: number, { huntTimeDigits }: Style): string {
  const text = `${hourText(hourMs)}${offsetText(offset)}`;
  if (huntTimeDigits === 7) return `"${text}"`;
  return `"${text.replace(/\.?0+Z$/, 'Z')}"`;
}

const BAGS = [
  '{"Tactic":"Execution","Techniques":["T1059","T1204"]}',
  '["T1059.001","T1027"]',
  '{"Count":9007199254740993,"Note":"a \\"quoted\\" word"}',
  '[]',
];

function dynamicCell({ huntDynamic }: Style, n: number): RowCell {
  const cells = huntDynamic === 'json' ? BAGS : BAGS.map((bag) => JSON.stringify(bag));
  return ({ entity }) => cells[draw(entity, n) % cells.length] ?? 'null';
}
