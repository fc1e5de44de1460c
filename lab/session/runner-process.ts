import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LogEntry } from '../runner/log.ts';
import { readAppLine } from './app-line.ts';

export interface RunnerProcessOptions {
  /** Folder of the packaged app. */
  readonly app: string;
  /** Loopback port; 0 for any. */
  readonly port: number;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** App setting that is given the address at which the app runs. */
  readonly addressSetting: string;
  /** Where links to sign-in pages lead in the app's pages. */
  readonly door: string;
  /** What the runner and the app say. */
  readonly onLog: (entry: LogEntry) => void;
}

/** The runner as a process of its own, as the Functions host is. */
export interface RunnerProcess {
  readonly pid: number | undefined;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** How many functions run. */
  readonly functions: number;
  /** Resolves with the reason when the process has ended without having been told to. */
  readonly broken: Promise<Error>;
  /** Lets what is under way finish. May be called twice. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

/** The runner itself gives up on what is under way after 10 s. */
const STOP_TIMEOUT_MS = 15_000;
const RUNNER = fileURLToPath(new URL('../runner/run.ts', import.meta.url));
const GUARD = new URL('./runner-guard.ts', import.meta.url).href;

/** @throws an Error with the runner's last words when it does not become ready */
export async function startRunnerProcess(options: RunnerProcessOptions): Promise<RunnerProcess> {
  const child = launch(options);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const lastWords = followLog(child, options.onLog);
  let wanted = false;
  const broken = new Promise<Error>((resolve) => {
    void ended.then((how) => {
      if (!wanted) resolve(new Error(`The app's process ended by itself (${how}).${lastWords()}`));
    });
  });
  const kill = (): void => {
    wanted = true;
    child.kill('SIGKILL');
  };
  const { url, functions } = await readyLine(child, broken);
  return {
    pid: child.pid,
    url,
    functions,
    broken,
    kill,
    async stop() {
      wanted = true;
      child.kill('SIGTERM');
      const late = sleep(STOP_TIMEOUT_MS, 'late' as const, { ref: false });
      if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
      await ended;
    },
  };
}

function launch({ app, port, env, addressSetting, door }: RunnerProcessOptions): ChildProcess {
  const own = ['--app', app, '--port', String(port), '--address-setting', addressSetting, '--door', door];
  return spawn(process.execPath, ['--import', GUARD, RUNNER, ...own, '--json-log'], {
    // Its own group: Ctrl-C in the terminal ends the lab, and the lab ends the runner first of all.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...env },
  });
}

/** Hands every line on as an entry. @returns the last that told of trouble, for an error's text */
function followLog(child: ChildProcess, onLog: (entry: LogEntry) => void): () => string {
  let last = '';
  if (child.stderr === null) return () => last;
  createInterface({ input: child.stderr }).on('line', (line) => {
    const entry = readAppLine(line);
    if (entry.level === 'critical' || entry.level === 'error') last = ` Its last words: ${entry.message}`;
    onLog(entry);
  });
  return () => last;
}

async function readyLine(
  child: ChildProcess,
  broken: Promise<Error>,
): Promise<{ readonly url: string; readonly functions: number }> {
  if (child.stdout === null) throw new Error('The runner has no output.');
  const first = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const outcome = await Promise.race([first, broken]);
  if (outcome instanceof Error) throw outcome;
  const { url, functions } = JSON.parse(outcome[0]) as { url: string; functions: readonly unknown[] };
  return { url, functions: functions.length };
}
