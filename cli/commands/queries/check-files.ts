import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { checkRequestOf } from '../../../shared/hunting/library/check-request.ts';
import { decodeText } from '../../../shared/hunting/library/decode-text.ts';
import { findQueryFiles } from '../../../shared/hunting/library/find-files.ts';
import { createIdRegister, readFoundFile } from '../../../shared/hunting/library/load-library.ts';
import { positionInFile } from '../../../shared/hunting/library/positions.ts';
import type { LibraryProblem } from '../../../shared/hunting/library/problem.ts';
import type { Diagnostic, KqlService } from '../../../shared/hunting/ports.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import type { CheckedFile, CheckedQuery, Finding } from '../../output/findings/report.ts';

/** Checks the queries of files and folders one file after the other; holds one at a time. */
export async function* checkFiles(
  paths: readonly string[],
  service: KqlService,
): AsyncGenerator<CheckedFile> {
  const register = createIdRegister();
  for await (const found of findQueryFiles(paths)) {
    if (found.kind === 'problem') yield await fileOf(found.problem.file, [], [found.problem]);
    if (found.kind !== 'file') continue;
    const content = await readFoundFile(found);
    const unique = register(content.queries);
    const queries: CheckedQuery[] = [];
    for (const query of unique.queries) queries.push(await checkQuery(query, service));
    yield await fileOf(found.path, queries, [...content.problems, ...unique.problems]);
  }
}

async function fileOf(
  file: string,
  queries: readonly CheckedQuery[],
  problems: readonly LibraryProblem[],
): Promise<CheckedFile> {
  const lines = problems.length === 0 ? [] : await linesOf(file);
  const seen = createCounter();
  const findings = problems.map((problem): Finding => {
    const { line, column, code, severity, message } = problem;
    const text = lines[line - 1];
    const fingerprint = seen([file, code, message, text?.trim() ?? '']);
    const source = text === undefined ? undefined : { line: text, start: column - 1, length: 1 };
    return {
      file,
      line,
      column,
      endLine: line,
      endColumn: column + 1,
      code,
      severity,
      message,
      source,
      fingerprint,
    };
  });
  return { file, queries, findings };
}

/** To be shown, in the encoding in which it was read; what cannot be read has no lines. */
async function linesOf(file: string): Promise<readonly string[]> {
  try {
    const decoded = decodeText(await readFile(file));
    return ('text' in decoded ? decoded.text : decoded.fault.before).split(/\r?\n/);
  } catch {
    return [];
  }
}

async function checkQuery(query: HuntingQuery, service: KqlService): Promise<CheckedQuery> {
  const { id, source } = query;
  const { diagnostics } = await service.check(checkRequestOf(query));
  const seen = createCounter();
  return {
    id,
    file: source.file,
    line: source.lines[0]?.line ?? 1,
    findings: diagnostics.map((diagnostic) => findingOf(diagnostic, query, seen)),
  };
}

function findingOf(diagnostic: Diagnostic, query: HuntingQuery, seen: Counter): Finding {
  const { code, severity, message, suggestion, start, length } = diagnostic;
  const { line, column } = positionInFile(query, start);
  const end = positionInFile(query, start + length);
  const lineStart = query.text.slice(0, start).lastIndexOf('\n') + 1;
  const lineEnd = query.text.indexOf('\n', start);
  const text = query.text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const offset = start - lineStart;
  return {
    file: query.source.file,
    line,
    column,
    endLine: end.line,
    endColumn: end.column,
    code,
    severity,
    message,
    suggestion,
    query: query.id,
    source: { line: text, start: offset, length: Math.max(1, Math.min(length, text.length - offset)) },
    fingerprint: seen([query.id, code, message, text.trim()]),
  };
}

type Counter = (parts: readonly string[]) => string;

/** Fingerprints of what does not move with the line: the same facts once more in a query are told apart by their number. */
function createCounter(): Counter {
  const counts = new Map<string, number>();
  return (parts) => {
    const key = parts.join('\0');
    const number = counts.get(key) ?? 0;
    counts.set(key, number + 1);
    return createHash('sha256').update(`${key}\0${number}`).digest('hex').slice(0, 32);
  };
}
