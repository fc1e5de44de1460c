import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { KqlService } from '../../../shared/hunting/ports.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { type CheckedFile, FORMATS, type FormatName, type Totals } from '../../output/findings/report.ts';
import { createScreen } from '../../output/screen.ts';

interface CheckOptions {
  readonly format: FormatName;
  readonly schema?: string;
  readonly onlyFailing?: boolean;
  readonly strict?: boolean;
  readonly baseline?: string;
}

const HELP = `
Exit code: 0 no errors, 1 errors (with --strict warnings too), 2 wrong use.
The report is on stdout, everything else on stderr. Codes are
explained in docs/kql-checks.md.

Examples:
  $ outrider queries check queries
  $ outrider queries check queries --format sarif > findings.sarif
  $ outrider queries check queries --format json > baseline.json      accept what is there
  $ outrider queries check queries --baseline baseline.json           and tell what is new`;

/** `outrider queries check`: is every query of these files right, by Microsoft's own language service? */
export function registerQueriesCheck(queries: Command): void {
  queries
    .command('check')
    .description('Check queries against the schema of advanced hunting, before any service sees them.')
    .argument('<path...>', 'files and folders')
    .addOption(new Option('--format <format>', 'form of the report').choices(FORMATS).default('text'))
    .option('--schema <file>', 'JSON with more tables, columns and functions, or others')
    .option('--only-failing', 'leave out queries and files without an error')
    .option('--strict', 'warnings make the exit code 1 too')
    .option('--baseline <file>', 'leave out the findings of an earlier JSON report')
    .addHelpText('after', HELP)
    .action(check);
}

async function check(paths: readonly string[], options: CheckOptions): Promise<void> {
  await mustExist(paths);
  const { createKqlService } = await import('../../../shared/hunting/kql/service.ts');
  const schema =
    options.schema === undefined
      ? undefined
      : await (await import('./check-schema.ts')).schemaWith(options.schema);
  const service = createKqlService({ schema });
  // The worker starts while the rest is loaded.
  service.warmUp();
  try {
    const { errors, warnings } = await report(paths, options, service);
    process.exitCode = errors > 0 || (options.strict && warnings > 0) ? EXIT.no : EXIT.done;
  } finally {
    await service.close();
  }
}

async function mustExist(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const missing = await stat(path).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR',
    );
    if (missing) fail(EXIT.usage, `There is no file or folder ${path}.`);
  }
}

async function report(paths: readonly string[], options: CheckOptions, service: KqlService): Promise<Totals> {
  const [{ createFormat }, { checkFiles }, { readBaseline, withoutKnown }] = await Promise.all([
    import('./check-format.ts'),
    import('./check-files.ts'),
    import('./baseline.ts'),
  ]);
  const baseline = options.baseline === undefined ? new Set<string>() : await readBaseline(options.baseline);
  const format = createFormat(options.format, createScreen());
  let totals: Totals = { files: 0, queries: 0, errors: 0, warnings: 0, known: 0 };
  for await (const found of checkFiles(paths, service)) {
    const { checked, known } = withoutKnown(found, baseline);
    totals = plus(totals, checked, known);
    const shown = options.onlyFailing ? failingOf(checked) : checked;
    if (shown !== undefined) await write(format.file(shown));
  }
  if (totals.files === 0) fail(EXIT.usage, `There is no query file in ${paths.join(', ')}.`);
  await write(format.end(totals));
  if (options.format !== 'text') {
    const { summaryOf } = await import('../../output/findings/text.ts');
    process.stderr.write(`${summaryOf(totals)}\n`);
  }
  return totals;
}

function plus(totals: Totals, { queries, findings }: CheckedFile, known: number): Totals {
  const all = [...findings, ...queries.flatMap((query) => query.findings)];
  const errors = all.filter(({ severity }) => severity === 'error').length;
  return {
    files: totals.files + 1,
    queries: totals.queries + queries.length,
    errors: totals.errors + errors,
    warnings: totals.warnings + all.length - errors,
    known: totals.known + known,
  };
}

/** What of a file has errors: its queries, and itself; undefined for nothing. */
function failingOf(checked: CheckedFile): CheckedFile | undefined {
  const hasError = ({ findings }: Pick<CheckedFile, 'findings'>): boolean =>
    findings.some(({ severity }) => severity === 'error');
  const queries = checked.queries.filter(hasError);
  const findings = hasError(checked) ? checked.findings : [];
  return queries.length === 0 && findings.length === 0 ? undefined : { ...checked, queries, findings };
}

/** Waits for a slow reader, so that the report of a large folder does not pile up. */
async function write(text: string): Promise<void> {
  if (text !== '') await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
}
