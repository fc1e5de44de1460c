import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FunctionSummary } from '../../lab/runner/function-summary.ts';

const RUNNER = fileURLToPath(new URL('../../lab/runner/run.ts', import.meta.url));
const PROBE = new URL('./memory-probe.ts', import.meta.url).href;
/** A signed token, or so much of one that it could be used to find the rest. */
const TOKEN = /eyJ[\w-]{17,}/;
const MOST_LINES = 20;

/** What is alive in the app's process, in bytes. */
export interface Memory {
  readonly rss: number;
  /** Objects and buffers, all garbage collected. */
  readonly live: number;
}

/** The built app in the local runner, in a process of its own. */
export interface AppProcess {
  readonly port: number;
  readonly functions: readonly FunctionSummary[];
  /** Lines of its log that it should not have written: tokens, errors outside of every invocation. */
  readonly wrongLines: readonly string[];
  /** Its last errors, for the text of a failed test. */
  readonly errors: readonly string[];
  memory(): Promise<Memory>;
  stop(): Promise<void>;
}

export async function startApp(options: {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<AppProcess> {
  const args = [
    '--expose-gc',
    '--import',
    PROBE,
    RUNNER,
    '--app',
    options.directory,
    '--port',
    '0',
    '--json-log',
  ];
  const child: ChildProcess = spawn(process.execPath, args, {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (child.stdout === null || child.stderr === null) throw new Error('the app has no output');
  const gone = once(child, 'exit');
  const wrongLines: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    const isWrong = TOKEN.test(line) || line.includes('"level":"critical"') || line.startsWith('{') === false;
    if (isWrong && wrongLines.length < MOST_LINES) wrongLines.push(line.replaceAll(/eyJ[\w.-]+/g, '<token>'));
    if (line.includes('"level":"error"'))
      errors.splice(0, errors.length, ...errors.slice(1 - MOST_LINES), line);
  });
  const ready = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line));
  const ended = gone.then(() => {
    throw new Error(`the app has ended:\n${[...wrongLines, ...errors].join('\n')}`);
  });
  // Told where it is waited for; an app that is stopped has not failed.
  ended.catch(() => {});
  const { url, functions } = JSON.parse(await Promise.race([ready, ended])) as {
    readonly url: string;
    readonly functions: readonly FunctionSummary[];
  };
  return {
    port: Number(new URL(url).port),
    functions,
    wrongLines,
    errors,
    async memory() {
      const answered = once(child, 'message') as Promise<[NodeJS.MemoryUsage]>;
      if (child.connected) child.send('memory');
      const [{ rss, heapUsed, external }] = await Promise.race([answered, ended]);
      return { rss, live: heapUsed + external };
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await gone;
    },
  };
}
