import type { CheckedFile, FindingsFormat, Totals } from './report.ts';

/** What `--format json` prints: one object. */
export interface JsonReport {
  readonly format: 'outrider.check/1';
  readonly ok: boolean;
  readonly totals: Totals;
  readonly files: readonly CheckedFile[];
}

/** For programs: one JSON object, which is also what a baseline is. */
export function createJsonFormat(): FindingsFormat {
  const files: CheckedFile[] = [];
  return {
    file(checked) {
      files.push(checked);
      return '';
    },
    end(totals) {
      const report: JsonReport = { format: 'outrider.check/1', ok: totals.errors === 0, totals, files };
      return `${JSON.stringify(report)}\n`;
    },
  };
}
