import { readFile } from 'node:fs/promises';
import { EXIT, fail, messageOf } from '../../output/failure.ts';
import type { CheckedFile, Finding } from '../../output/findings/report.ts';

/**
 * Fingerprints of the findings in a report that `--format json` has written.
 *
 * @throws CommandFailure for a file that is none
 */
export async function readBaseline(file: string): Promise<ReadonlySet<string>> {
  let report: unknown;
  try {
    report = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return fail(EXIT.usage, `The baseline ${file} cannot be read: ${messageOf(error)}`);
  }
  const { format, files } = Object(report) as { readonly format?: unknown; readonly files?: unknown };
  if (format !== 'outrider.check/1' || !Array.isArray(files)) {
    fail(
      EXIT.usage,
      `${file} is no baseline. Write one: outrider queries check PATH --format json > ${file}`,
    );
  }
  return new Set(
    (files as readonly CheckedFile[]).flatMap(allFindings).map(({ fingerprint }) => fingerprint),
  );
}

const allFindings = ({ findings, queries }: CheckedFile): readonly Finding[] => [
  ...findings,
  ...queries.flatMap((query) => query.findings),
];

/** A file without the findings of the baseline, and how many those were. */
export function withoutKnown(
  checked: CheckedFile,
  baseline: ReadonlySet<string>,
): { readonly checked: CheckedFile; readonly known: number } {
  const isNew = ({ fingerprint }: Finding): boolean => !baseline.has(fingerprint);
  const left: CheckedFile = {
    ...checked,
    findings: checked.findings.filter(isNew),
    queries: checked.queries.map((query) => ({ ...query, findings: query.findings.filter(isNew) })),
  };
  return { checked: left, known: allFindings(checked).length - allFindings(left).length };
}
