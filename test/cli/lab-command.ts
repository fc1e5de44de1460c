import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callLab } from '../../lab/control/running-lab.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const OUTRIDER = join(ROOT, 'bin/outrider.js');

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Runs the real command line with a runtime directory of its own, so that it has nothing to do with other labs. */
export interface CommandLine {
  /** The place of the lab's state file and temporary files. */
  readonly runtime: string;
  /** For the test's own files. */
  readonly folder: string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Waits until that lab says that it is ready. */
  ready(lab: Running): Promise<LabStatus>;
  /** What a lab of this runtime directory has left behind. */
  left(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export interface LabStatus {
  readonly ready: boolean;
  readonly api: string;
  readonly tenants: readonly Row[];
}

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly incidents: number;
  readonly versions: number;
  readonly apiCalls: number;
  readonly storageOps: number;
  readonly hunts: number;
  readonly newFindings: number;
  readonly seenAgain: number;
}

const READY_MS = 50_000;

export async function createCommandLine(): Promise<CommandLine> {
  const directory = await mkdtemp(join(tmpdir(), 'outrider-test-'));
  const runtime = join(directory, 'runtime');
  const folder = join(directory, 'files');
  const stateFile = join(runtime, 'outrider-lab', 'lab.json');
  await Promise.all([mkdir(runtime), mkdir(folder)]);
  const running = new Set<ChildProcess>();

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const child = spawn(process.execPath, [OUTRIDER, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...plainEnvironment(), XDG_RUNTIME_DIR: runtime, ...env },
    });
    running.add(child);
    return { child, ended: endOf(child).finally(() => running.delete(child)) };
  }

  const run: CommandLine['run'] = (args, env) => start(args, env).ended;

  return {
    runtime,
    folder,
    start,
    run,
    async ready(lab) {
      const deadline = Date.now() + READY_MS;
      let end: Ended | undefined;
      void lab.ended.then((ended) => {
        end = ended;
      });
      // The lab is asked directly: a command for each question would take the processor that it needs to get ready.
      for (;;) {
        if (end !== undefined) throw new Error(`The lab has ended (${end.code}): ${end.stdout}${end.stderr}`);
        const told = await callLab('GET', '/status', undefined, stateFile).catch(() => undefined);
        if ((told as LabStatus | undefined)?.ready) break;
        if (Date.now() > deadline) throw new Error(`The lab is not ready: ${JSON.stringify(told)}`);
        await sleep(100);
      }
      const { stdout } = await run(['lab', 'status', '--json']);
      return JSON.parse(stdout) as LabStatus;
    },
    left: async () => (await readdir(runtime, { recursive: true })).filter((name) => name !== 'outrider-lab'),
    async dispose() {
      for (const child of running) child.kill('SIGTERM');
      await Promise.all([...running].map((child) => once(child, 'exit')));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Without what a test runner adds for itself. */
function plainEnvironment(): Record<string, string | undefined> {
  const { FORCE_COLOR: _colour, NODE_OPTIONS: _options, npm_lifecycle_event: _npm, ...env } = process.env;
  return env;
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return {
    code,
    stdout: Buffer.concat(stdout).toString('utf8'),
    stderr: Buffer.concat(stderr).toString('utf8'),
  };
}
