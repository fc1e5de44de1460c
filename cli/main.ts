import { debuglog } from 'node:util';
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { registerDoctor } from './commands/doctor/doctor.ts';
import { registerHunt } from './commands/hunt/hunt.ts';
import { registerIncidents } from './commands/incidents.ts';
import { registerLab } from './commands/lab/lab.ts';
import { registerLogin } from './commands/login.ts';
import { registerLogout } from './commands/logout.ts';
import { registerQueries } from './commands/queries/queries.ts';
import { registerTenants } from './commands/tenants/tenants.ts';
import { registerToken } from './commands/token.ts';
import { registerWhoami } from './commands/whoami.ts';
import { EXIT, exitCodeOf, messageOf } from './output/failure.ts';

/** Adds a command to the program. What is heavy is imported in the command's action, so that help stays fast. */
export type RegisterCommand = (program: Command) => void;

/** Every command; a new one is a file and a line here. */
const COMMANDS: readonly RegisterCommand[] = [
  registerIncidents,
  registerQueries,
  registerHunt,
  registerTenants,
  registerDoctor,
  registerLogin,
  registerLogout,
  registerWhoami,
  registerToken,
  registerLab,
];

const EXAMPLES = `
Examples:
  $ outrider lab                               the whole of it on this machine, nothing leaves it
  $ outrider doctor                            are the settings of this environment right?
  $ outrider login                             as yourself, for --as user
  $ outrider incidents list --hours 48         the live incidents of its tenants
  $ outrider queries list                      the hunting queries of ./queries
  $ outrider hunt run device-files-to-usb      one of them, in the tenant that is configured
`;

const debug = debuglog('outrider');

/**
 * Runs the command line. Sets the process's exit code: 0 done, 1 the answer is no, 2 wrong use. Ends the process
 * only by leaving nothing to do. `NODE_DEBUG=outrider` shows the stack of an error.
 *
 * @param argv as in `process.argv`
 */
export async function main(argv: readonly string[]): Promise<void> {
  endWithClosedOutput();
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('outrider')
    .description('Keeps an exact copy of Microsoft Defender incidents for many tenants.')
    .version(packageJson.version)
    .enablePositionalOptions()
    // Wide option columns wrap as well: commander's own default gives up below 40.
    .configureHelp({ minWidthToWrap: 20 })
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`outrider: ${oneLine(text)}\n`) });
  for (const register of COMMANDS) register(program);
  return program;
}

/** Commander's `error: …` and its suggestion in a line of their own, as one sentence. */
function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** Says what ended the command, if that is not said yet, and gives its exit code. */
function report(error: unknown): number {
  // Commander has printed its own complaint, or the help that was asked for, already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  debug('%O', error);
  process.stderr.write(`outrider: ${oneLine(messageOf(error))}\n`);
  return exitCodeOf(error);
}

/**
 * A reader that goes away (`| head`) or a terminal that is closed ends the command as the system would, and a running
 * lab in order.
 */
function endWithClosedOutput(): void {
  process.stdout.once('error', () => process.kill(process.pid, 'SIGTERM'));
  // Whoever goes away does so once; what is written until the end has nowhere to go.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}
