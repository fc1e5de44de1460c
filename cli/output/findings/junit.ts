import { sentenceOf } from '../../../shared/hunting/diagnostic-sentence.ts';
import type { CheckedFile, Finding, FindingsFormat } from './report.ts';

interface Case {
  readonly name: string;
  readonly line: number;
  readonly findings: readonly Finding[];
}

/**
 * JUnit's XML as CI servers read it: a suite a file, a case a query, a failure for its errors. Warnings are the
 * case's output. A file that cannot be read is a case of its own.
 * https://github.com/testmoapp/junitxml
 */
export function createJunitFormat(): FindingsFormat {
  const suites: string[] = [];
  const counts = { tests: 0, failures: 0 };
  return {
    file(checked) {
      const cases = casesOf(checked);
      const failures = cases.filter(({ findings }) => findings.some(isError)).length;
      counts.tests += cases.length;
      counts.failures += failures;
      const body = cases.map((test) => caseOf(test, checked.file)).join('');
      suites.push(
        `  <testsuite name="${escaped(checked.file)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">\n${body}  </testsuite>\n`,
      );
      return '';
    },
    end: () =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="outrider queries check" tests="${counts.tests}" failures="${counts.failures}" errors="0">\n${suites.join('')}</testsuites>\n`,
  };
}

function casesOf({ file, queries, findings }: CheckedFile): readonly Case[] {
  const own = queries.map(({ id, line, findings: found }) => ({ name: id, line, findings: found }));
  return findings.length === 0 ? own : [{ name: file, line: findings[0]?.line ?? 1, findings }, ...own];
}

const isError = ({ severity }: Finding): boolean => severity === 'error';

function caseOf({ name, line, findings }: Case, file: string): string {
  const errors = findings.filter(isError);
  const warnings = findings.filter((finding) => !isError(finding));
  const [first] = errors;
  const parts = [
    first === undefined
      ? ''
      : `      <failure message="${escaped(sentenceOf(first))}" type="${escaped(first.code)}">${escaped(linesOf(errors))}</failure>\n`,
    warnings.length === 0 ? '' : `      <system-out>${escaped(linesOf(warnings))}</system-out>\n`,
  ].join('');
  const head = `    <testcase name="${escaped(name)}" classname="${escaped(file)}" file="${escaped(file)}" line="${line}"`;
  return parts === '' ? `${head}/>\n` : `${head}>\n${parts}    </testcase>\n`;
}

const linesOf = (findings: readonly Finding[]): string =>
  findings
    .map(
      (finding) =>
        `${finding.file}:${finding.line}:${finding.column}: ${finding.severity} ${finding.code} ${sentenceOf(finding)}`,
    )
    .join('\n');

/** What XML 1.0 cannot hold at all, not even escaped. */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

const escaped = (text: string): string =>
  text
    .replaceAll(NO_XML, '\ufffd')
    .replaceAll(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] ?? character);
