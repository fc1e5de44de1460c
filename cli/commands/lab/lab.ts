import { type Command, InvalidArgumentError, Option } from 'commander';
import { registerBehaviour } from './behaviour.ts';
import { registerEnv } from './env.ts';
import { registerExec } from './exec.ts';
import { registerFault } from './fault.ts';
import { registerOpen } from './open.ts';
import type { LabStartOptions } from './start.ts';
import { registerStatus } from './status.ts';
import { registerStop } from './stop.ts';
import { registerToken } from './token.ts';

const EXAMPLES = `
Examples:
  $ npm start                                        two tenants, generated incidents, until Ctrl-C
  $ outrider lab --once --json                       load everything once, tell the figures, end
  $ outrider lab --incidents ./incidents --once      with your own incident files (Graph or Defender XDR JSON)
  $ outrider lab --hunt-results ./rows               hunts find the rows of these files
  $ outrider lab --tenants 5 --seed 7 --keep ./data  another world, and its storage kept for the next start
  $ npm start -- --tenants 50                        a partner with fifty customers

While it runs, in another terminal:
  $ outrider lab status
  $ outrider lab token --roles Incidents.Read
  $ outrider lab exec -- outrider incidents list --hours 48
  $ outrider lab exec -- outrider tenants list
  $ outrider lab open https://microsoft.com/devicelogin
  $ outrider lab fault add --service graph --status 429 --retry-after 5 --times 3`;

/** `outrider lab`: the offline cloud with the app in it, and the commands to a lab that runs. */
export function registerLab(program: Command): void {
  const lab = program
    .command('lab')
    .description('Start the offline cloud on this machine and run Outrider in it.')
    .enablePositionalOptions()
    .addOption(
      new Option('--incidents <path>', 'serve the incidents of this file or folder; may be repeated')
        .argParser(collect)
        .default([], 'generated ones'),
    )
    .addOption(
      new Option(
        '--hunt-results <path>',
        'answer hunts with the rows of this file or folder (lab/hunting/README.md); may be repeated',
      )
        .argParser(collect)
        .default([], 'generated ones'),
    )
    .option('--stream', 'generated incidents also beside --incidents')
    .option('--tenants <number>', 'how many customers', wholeNumber(1, 500), 2)
    .option('--port <number>', "port of the app's API; 0 for any", wholeNumber(0, 65_535), 7071)
    .option('--no-hunts', 'without scheduled hunts; those that are asked for still run')
    .option('--once', 'load every tenant once, hunt, print the figures, end; exit code 1: something failed')
    .option('--json', 'with --once: one JSON object as the last line on stdout')
    .option('--keep <folder>', 'keep the storage in this folder between starts')
    .option('--seed <number>', 'decides ids and incidents', wholeNumber(0, 2 ** 31), 1)
    .option('--cloud-only', 'the cloud without the app')
    .option('--verbose', "also print the app's own log lines")
    .addHelpText('after', EXAMPLES)
    .action(async (options: LabStartOptions) => (await import('./start.ts')).startLabCommand(options));
  for (const register of [
    registerStatus,
    registerEnv,
    registerToken,
    registerOpen,
    registerExec,
    registerFault,
    registerBehaviour,
    registerStop,
  ]) {
    register(lab);
  }
}

function collect(path: string, paths: readonly string[]): readonly string[] {
  return [...paths, path];
}

function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}
