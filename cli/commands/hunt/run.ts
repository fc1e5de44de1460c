import { type Command, InvalidArgumentError } from 'commander';
import type { Hunting } from '../../../shared/app-hunting.ts';
import { isOutriderError } from '../../../shared/errors.ts';
import type { HuntGroup } from '../../../shared/hunting/ask/hunt-group.ts';
import type { HuntAsk } from '../../../shared/hunting/ask/prepare-hunt.ts';
import { sentenceOf } from '../../../shared/hunting/diagnostic-sentence.ts';
import type { HuntRun } from '../../../shared/hunting/run/types.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { allTenants } from '../../all-tenants.ts';
import { counted } from '../../output/amounts.ts';
import { printable } from '../../output/display-text.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { createProgress } from '../../output/progress.ts';
import { createScreen } from '../../output/screen.ts';
import { type ActAs, asOption, signInAs } from '../../sign-in/sign-in-as.ts';
import { libraryOption } from '../queries/library.ts';
import { addParameter, valuesFor } from './parameter-values.ts';
import { addRowsOutput, type RowsOutput, writeRuns } from './rows-output.ts';
import type { PersonHunt } from './run-as-person.ts';
import { huntIn } from './target.ts';
import { queryNamed } from './which-query.ts';

interface RunOptions {
  readonly library: string;
  readonly tenant?: string;
  readonly all?: boolean;
  readonly param?: ReadonlyMap<string, string>;
  readonly timespan?: string;
  readonly maxRows?: number;
  readonly wait: number;
  readonly output: RowsOutput;
  readonly as?: ActAs;
}

const HELP = `
The query is an id of the library, a file, or KQL. It is checked first, and
queued for the app, which must be running. With --as user the tenant is asked at
once, in your name, and nothing is kept: one call of at most 200 seconds.
Exit code: 0 all rows are here, 1 not all of them, or none, 2 wrong use.

Examples:
  $ outrider hunt run device-files-to-usb --all --param LeastFiles=50
  $ outrider hunt run 'DeviceInfo | summarize count() by OSPlatform' --tenant Fabrikam --output json`;
const LOOK_MS = 1_000;
/** As the runs name whoever asked. */
const ASKED_BY = 'command line';

/** `outrider hunt run QUERY|FILE`: asks for runs, waits for them, and prints their rows. */
export function registerHuntRun(hunt: Command): void {
  const command = hunt
    .command('run')
    .description('Run a query in one tenant or in all, and print what it finds.')
    .argument('<query>', 'id of a query, a file, or KQL')
    .addOption(libraryOption())
    .option('--tenant <id or name>', 'where to hunt; may be left out when there is only one')
    .option('--all', 'hunt in all tenants')
    .option('--param <name=value>', 'value of a parameter; may be repeated', addParameter)
    .option('--timespan <span>', 'ISO 8601, at most 30 days: P7D, PT12H, start/end')
    .option('--max-rows <n>', 'stop there', wholeNumber)
    .option('--wait <seconds>', 'how long to wait for the end', wholeNumber, 900)
    .addOption(asOption())
    .addHelpText('after', HELP)
    .action(run);
  addRowsOutput(command);
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 0 or more.');
}

async function run(word: string, options: RunOptions): Promise<void> {
  const query = await queryNamed(word, options.library);
  const { timespan, maxRows } = options;
  const parameters = valuesFor('definition' in query ? query.definition.parameters : [], options.param);
  const ask = { query, parameters, timespan, maxRows, askedBy: ASKED_BY };
  const as = await signInAs(options.as);
  const whole = await (as.person
    ? runAsPerson({ ...as, person: as.person }, ask, options)
    : runAsApp(ask, options));
  process.exitCode = whole ? EXIT.done : EXIT.no;
}

async function runAsPerson(as: PersonHunt['as'], ask: HuntAsk, where: RunOptions): Promise<boolean> {
  const { huntAsPerson } = await import('./run-as-person.ts');
  return huntAsPerson({ as, ask, where, output: where.output }).catch(tellFaults);
}

async function runAsApp(ask: HuntAsk, options: RunOptions): Promise<boolean> {
  const { createOutrider } = await import('../../../shared/app.ts');
  const outrider = createOutrider();
  const { faults } = outrider.config;
  const tenants = huntIn({ tenants: await allTenants(outrider), faults }, options);
  const hunting = await outrider.hunting();
  const group = await hunting.startAcross({ among: tenants }, ask).catch(tellFaults);
  const runs = await follow(hunting, group, tenants, options.wait * 1_000);
  return writeRuns(hunting, { entries: group.entries, runs, tenants }, options.output);
}

/** What is wrong in the query, and where, goes to stderr before the command fails; values that cannot be are wrong use. */
function tellFaults(error: unknown): never {
  const screen = createScreen(process.stderr);
  for (const fault of (isOutriderError(error) && error.facts.textFaults) || []) {
    const { line, column, severity, code } = fault;
    const sentence = printable(sentenceOf(fault));
    screen.line(`${line}:${column}: ${screen.paint('red', severity)} ${code} ${sentence}`);
  }
  if (isOutriderError(error, 'hunt.parameter_invalid') || isOutriderError(error, 'request.invalid'))
    fail(EXIT.usage, error.message);
  throw error;
}

/** Tells on stderr how the runs get on, until all have ended. */
async function follow(
  hunting: Hunting,
  group: HuntGroup,
  tenants: readonly Tenant[],
  mostMs: number,
): Promise<ReadonlyMap<string, HuntRun>> {
  const progress = createProgress(createScreen(process.stderr), 'tenants');
  const nameOf = new Map(tenants.map(({ id, name }) => [id, name]));
  const told = new Map<string, string>();
  const giveUpAt = Date.now() + mostMs;
  const total = group.entries.length;
  try {
    for (;;) {
      const runs = await hunting.waitForGroup(group, LOOK_MS);
      for (const each of runs.values()) {
        const words = wordsOf(each);
        const id = told.has(each.id) ? '' : ` (${each.id})`;
        if (told.get(each.id) !== words) progress.line(`${nameOf.get(each.tenant)}: ${words}${id}`);
        told.set(each.id, words);
      }
      const ended = total - [...runs.values()].filter(({ endedMs }) => endedMs === undefined).length;
      progress.set('ended', ended, total);
      if (ended === total) return runs;
      if (Date.now() >= giveUpAt) return tooLate(runs);
    }
  } finally {
    progress.stop();
  }
}

function wordsOf({ state, rows, waitsFor, waitsUntilMs }: HuntRun): string {
  if (state === 'throttled' && waitsUntilMs !== undefined)
    return `waits for ${waitsFor} until ${new Date(waitsUntilMs).toISOString()}`;
  return state === 'succeeded' || state === 'truncated' ? `${state}, ${counted(rows, 'row')}` : state;
}

function tooLate(runs: ReadonlyMap<string, HuntRun>): never {
  const open = [...runs.values()].filter(({ endedMs }) => endedMs === undefined);
  const queued = open.every(({ state }) => state === 'queued') ? ' None was begun: is the app running?' : '';
  return fail(
    EXIT.no,
    `${counted(open.length, 'run')} not ended yet.${queued} Look again: ${open.map(({ id }) => `outrider hunt show ${id}`).join('; ')}`,
  );
}
