import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import type { LogEntry } from '../../../lab/runner/log.ts';

const RUN = join(import.meta.dirname, '../../../lab/runner/run.ts');

/** A packaged app in a folder of its own, with no node_modules near it. */
export interface PackagedApp {
  readonly directory: string;
  remove(): Promise<void>;
}

/** Bundles a fixture as a deployment does: one file, everything in it but `@azure/functions-core`. */
export async function packageApp(options: {
  readonly fixture: string;
  readonly format?: 'cjs' | 'esm';
  readonly host?: object;
}): Promise<PackagedApp> {
  const directory = await mkdtemp(join(tmpdir(), 'outrider-runner-'));
  const esm = options.format === 'esm';
  await build({
    entryPoints: [join(import.meta.dirname, 'fixtures', options.fixture)],
    outfile: join(directory, 'dist', esm ? 'app.mjs' : 'app.js'),
    bundle: true,
    platform: 'node',
    format: options.format ?? 'cjs',
    external: ['@azure/functions-core'],
    logLevel: 'error',
    ...(esm && {
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    }),
  });
  await writeFile(join(directory, 'package.json'), JSON.stringify({ main: 'dist/{app.js,app.mjs}' }));
  await writeFile(join(directory, 'host.json'), JSON.stringify({ version: '2.0', ...options.host }));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

export interface ReadyLine {
  readonly ready: boolean;
  readonly url: string;
  readonly functions: readonly Record<string, unknown>[];
}

/** A runner process. */
export interface RunningApp {
  readonly ready: ReadyLine;
  readonly log: readonly LogEntry[];
  /** Everything that went to stdout. */
  stdout(): string;
  /** Waits for an entry that fits, past or to come. */
  entry(fits: (entry: LogEntry) => boolean): Promise<LogEntry>;
  /** Sends SIGTERM and returns the exit code. */
  stop(): Promise<number | null>;
}

/** Starts the runner as its own process and waits for its ready line. */
export async function runApp(directory: string, env: Record<string, string> = {}): Promise<RunningApp> {
  const child = spawn(process.execPath, [RUN, '--app', directory, '--port', '0', '--json-log'], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const log: LogEntry[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(parseLine(line)));
  const entry = (fits: (candidate: LogEntry) => boolean) =>
    waitFor(
      () => log.find(fits),
      () => describe(log),
    );
  const ready = await waitFor(
    () => (out.includes('\n') ? (JSON.parse(out.slice(0, out.indexOf('\n'))) as ReadyLine) : undefined),
    () => describe(log),
  );
  return { ready, log, stdout: () => out, entry, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return child.exitCode;
}

function parseLine(line: string): LogEntry {
  return line.startsWith('{')
    ? (JSON.parse(line) as LogEntry)
    : { level: 'none', source: 'console', message: `raw: ${line}` };
}

function describe(log: readonly LogEntry[]): string {
  return log.map((entry) => JSON.stringify(entry)).join('\n');
}

/** Polls until a value is there; fails after 40 s with what `context` tells. */
export async function waitFor<T>(
  read: () => T | undefined | Promise<T | undefined>,
  context: () => string,
): Promise<T> {
  const deadline = Date.now() + 40_000;
  while (Date.now() < deadline) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`waited in vain; the log was:\n${context()}`);
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
