import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../lab-error.ts';
import { notes } from '../leak-watch/notes.ts';

export type StorageKind = 'blob' | 'queue' | 'table';

export interface AzuriteOptions {
  /** Name of the storage account. */
  readonly account: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Where to keep the data; in memory when missing. */
  readonly directory?: string;
  /** Node to run it with; default the one that runs the lab. */
  readonly execPath?: string;
}

export interface Azurite {
  /** Local https port of a storage service; undefined while Azurite is down. */
  port(kind: StorageKind): number | undefined;
  pid(): number | undefined;
  /** Ends Azurite properly (a kept directory is written out) and starts it again, on other ports. */
  restart(): Promise<void>;
  /** Ends Azurite at once, as a crash would. `start` brings it back. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const KINDS: readonly StorageKind[] = ['blob', 'queue', 'table'];
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
/** Seconds; longer than the lab keeps a pooled connection, so that no request meets a closing socket. */
const KEEP_ALIVE_SECONDS = '3600';

interface Running {
  readonly child: ChildProcess;
  readonly ports: ReadonlyMap<StorageKind, number>;
}

/**
 * Starts Azurite as a child process: https, sign-in by token only, on ports of the system's choice.
 *
 * @throws LabError `lab.azurite_failed` with the last of what it said
 */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  // The account needs a key to exist; nobody is told it, so there is no way in but a token.
  const accountKey = randomBytes(64).toString('base64');
  notes().secret('storage account key', accountKey);
  let running: Running | undefined;

  const start = async (): Promise<void> => {
    if (running !== undefined) return;
    const started = await launch(options, accountKey);
    running = started;
    started.child.once('exit', () => {
      if (running === started) running = undefined;
    });
  };
  const stop = async (): Promise<void> => {
    const { child } = running ?? {};
    running = undefined;
    if (child !== undefined) await endProperly(child);
  };

  await start();
  return {
    port: (kind) => running?.ports.get(kind),
    pid: () => running?.child.pid,
    start,
    stop,
    async restart() {
      await stop();
      await start();
    },
    async kill() {
      const { child } = running ?? {};
      running = undefined;
      if (child !== undefined) await endAtOnce(child);
    },
  };
}

async function launch(options: AzuriteOptions, accountKey: string): Promise<Running> {
  const guard = new URL('./azurite-guard.ts', import.meta.url).href;
  const child = spawn(
    options.execPath ?? process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      guard,
      azuriteScript(),
      ...azuriteArguments(options),
    ],
    {
      // Its own group: Ctrl-C in the terminal ends the lab, and the lab ends Azurite when it is ready to.
      detached: process.platform !== 'win32',
      cwd: dirname(options.certificateFile),
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...baseEnvironment(), AZURITE_ACCOUNTS: `${options.account}:${accountKey}` },
    },
  );
  try {
    return { child, ports: await readPorts(child) };
  } catch (error) {
    await endAtOnce(child);
    throw error;
  }
}

function azuriteScript(): string {
  const manifest = createRequire(import.meta.url).resolve('azurite/package.json');
  return join(dirname(manifest), 'dist/src/azurite.js');
}

function azuriteArguments({ certificateFile, keyFile, directory }: AzuriteOptions): string[] {
  return [
    ...KINDS.flatMap((kind) => [
      `--${kind}Host`,
      '127.0.0.1',
      `--${kind}Port`,
      '0',
      `--${kind}KeepAliveTimeout`,
      KEEP_ALIVE_SECONDS,
    ]),
    ...['--cert', certificateFile, '--key', keyFile, '--oauth', 'basic'],
    ...['--disableTelemetry', '--skipApiVersionCheck', '--silent'],
    ...(directory === undefined ? ['--inMemoryPersistence'] : ['--location', directory]),
  ];
}

/** Azurite gets no more of the environment than a process needs to run. */
function baseEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Azurite says on its output where each service listens. */
async function readPorts(child: ChildProcess): Promise<ReadonlyMap<StorageKind, number>> {
  const ports = new Map<StorageKind, number>();
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      const said = output.trim().slice(-500);
      reject(new LabError('lab.azurite_failed', `Azurite did not start: ${why}. ${said}`.trim()));
    };
    const timer = setTimeout(() => fail(`not ready after ${READY_TIMEOUT_MS / 1000} s`), READY_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`it ended (${signal ?? code})`));
    const read = (chunk: Buffer): void => {
      if (ports.size === KINDS.length) return;
      output += chunk.toString('utf8');
      for (const kind of KINDS) {
        const match = new RegExp(`${kind} service is successfully listening at \\S+:(\\d+)\\s`, 'i').exec(
          output,
        );
        if (match !== null) ports.set(kind, Number(match[1]));
      }
      if (ports.size < KINDS.length) return;
      clearTimeout(timer);
      resolve(ports);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
}

async function endProperly(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  if (child.connected) child.disconnect(); // the guard sees it and lets Azurite close
  const done = await Promise.race([ended, sleep(STOP_TIMEOUT_MS, 'late' as const, { ref: false })]);
  if (done === 'late') await endAtOnce(child);
}

async function endAtOnce(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
