import { sentenceOf } from '../../../shared/hunting/diagnostic-sentence.ts';
import { counted } from '../amounts.ts';
import { displayWidth, printable, shorten } from '../display-text.ts';
import type { Screen } from '../screen.ts';
import { type Finding, type FindingsFormat, findingsOf, type Totals } from './report.ts';

const INDENT = '    ';
/** Cells shown of a line, at most; and of what is before the place that is meant. */
const WIDEST = 140;
const BEFORE = 80;

/** For people: `file:line:column: error CODE message`, as editors and terminals make links of it, with the line and a caret. */
export function createTextFormat(screen: Screen): FindingsFormat {
  return {
    file: (checked) =>
      findingsOf(checked)
        .map((finding) => `${headOf(finding, screen)}\n${excerptOf(finding, screen)}`)
        .join(''),
    end: (totals) => `${summaryOf(totals)}\n`,
  };
}

/** `Checked 60 queries in 60 files: no errors, 21 warnings.` */
export function summaryOf({ files, queries, errors, warnings, known }: Totals): string {
  const amount = (count: number, what: string): string =>
    count === 0 ? `no ${what}s` : counted(count, what);
  const baseline = known === 0 ? '' : ` ${counted(known, 'finding')} of the baseline not shown.`;
  return `Checked ${counted(queries, 'query', 'queries')} in ${counted(files, 'file')}: ${amount(errors, 'error')}, ${amount(warnings, 'warning')}.${baseline}`;
}

function headOf(finding: Finding, screen: Screen): string {
  const { file, line, column, severity, code } = finding;
  const word = screen.paint(severity === 'error' ? 'red' : 'yellow', severity);
  return printableLine(`${file}:${line}:${column}:`, `${word} ${code}`, sentenceOf(finding));
}

const printableLine = (place: string, what: string, message: string): string =>
  `${printable(place)} ${what} ${printable(message)}`;

/** The line with a caret below, tabs as four blanks and the rest of a long line left out. */
function excerptOf({ source }: Finding, screen: Screen): string {
  if (source === undefined || source.line.trim() === '') return '';
  const { line, start, length } = source;
  const indented = line.length - line.trimStart().length;
  const from = Math.min(indented, start);
  const before = shownEnd(expanded(line.slice(from, start)));
  const meant = expanded(line.slice(start, start + length));
  const rest = expanded(line.slice(start + length));
  const text = shorten(`${before}${meant}${rest}`.trimEnd(), WIDEST);
  const room = Math.max(1, WIDEST - displayWidth(before));
  const caret = `^${'~'.repeat(Math.max(0, Math.min(displayWidth(meant), room) - 1))}`;
  const blanks = ' '.repeat(displayWidth(before));
  return `${INDENT}${text}\n${INDENT}${blanks}${screen.paint('green', caret)}\n`;
}

const expanded = (text: string): string => printable(text.replaceAll('\t', INDENT));

/** The end of what is before the place, where it is long. */
function shownEnd(text: string): string {
  if (displayWidth(text) <= BEFORE) return text;
  const end = [...text].slice(-BEFORE / 2).join('');
  return `…${end}`;
}
