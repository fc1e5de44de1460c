import { sentenceOf } from '../../../shared/hunting/diagnostic-sentence.ts';
import { type Finding, type FindingsFormat, findingsOf } from './report.ts';

/**
 * Annotations of a GitHub Actions run: one workflow command a finding.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function createGithubFormat(): FindingsFormat {
  return {
    file: (checked) => findingsOf(checked).map(annotationOf).join(''),
    end: () => '',
  };
}

function annotationOf(finding: Finding): string {
  const { file, line, column, endLine, endColumn, severity, code } = finding;
  const properties = {
    file,
    line,
    endLine,
    // Columns are taken for a finding within one line alone.
    ...(endLine === line ? { col: column, endColumn: Math.max(column, endColumn) } : {}),
    title: code,
  };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(String(value))}`);
  return `::${severity} ${list.join(',')}::${escapedData(sentenceOf(finding))}\n`;
}

/** As the runner itself undoes it: https://github.com/actions/toolkit, packages/core/src/command.ts */
const escapedData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapedProperty = (text: string): string =>
  escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
