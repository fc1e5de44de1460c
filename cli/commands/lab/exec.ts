import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { processEnvironment } from '../../../lab/environment.ts';
import { EXIT, fail, messageOf } from '../../output/failure.ts';
import { readLabSettings } from './lab-settings.ts';

const EXAMPLES = `
Examples:
  $ outrider lab exec -- outrider incidents list --hours 48
  $ outrider lab exec -- outrider login
  $ outrider lab exec -- func start --script-root dist/app
  $ outrider lab exec -- sh -c 'echo $OUTRIDER_TENANTS'`;

const OUTRIDER = fileURLToPath(new URL('../../../bin/outrider.js', import.meta.url));
/** What opens a browser: its pages of sign-in are the lab's. */
const OPENERS = fileURLToPath(new URL('../../../lab/openers', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));

/** `outrider lab exec -- CMD…`: any command with the running lab's settings. */
export function registerExec(lab: Command): void {
  lab
    .command('exec')
    .description("Run a command with the running lab's settings; its exit code is passed on.")
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(command: readonly string[]): Promise<void> {
  const env = processEnvironment(await readLabSettings(), process.env);
  const [file = '', ...args] = resolveOutrider(command);
  const path = [OPENERS, PROGRAMS, process.env.PATH ?? ''].filter((part) => part !== '').join(delimiter);
  const child = spawn(file, args, { stdio: 'inherit', env: { ...env, PATH: path } });
  // A terminal's Ctrl-C reaches the command by itself: it decides, and this process waits for it.
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', () => {});
  process.on('SIGTERM', passOn);
  process.on('SIGHUP', passOn);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    fail(
      EXIT.usage,
      `lab exec: cannot run ${command[0]}: ${missing ? 'there is no such command.' : messageOf(error)}`,
    );
  } finally {
    process.removeAllListeners('SIGINT');
    process.removeAllListeners('SIGTERM');
    process.removeAllListeners('SIGHUP');
  }
}

/** This very command line, wherever it is installed, by the Node that runs it now. */
function resolveOutrider(command: readonly string[]): readonly string[] {
  const [file, ...args] = command;
  return file === 'outrider' ? [process.execPath, OUTRIDER, ...args] : command;
}
