import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const RUNNER = fileURLToPath(new URL('../../lab/runner/run.ts', import.meta.url));
const MOVED_DATE = new URL('./moved-date.ts', import.meta.url).href;
/** What an app's process says of runs that failed or were overtaken, and of messages that were given up or let go. */
const TOLD = [
  'sync.fenced',
  'sync.run_failed',
  'sync.poisoned',
  'sync.foreign_message',
  'sync.unknown_tenant',
] as const;

/** One process of the app. */
export interface Instance {
  /** Runs the timer function, as the host does each minute. */
  tick(): Promise<void>;
  /** SIGKILL: no code of the process runs any more. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it properly. */
  stop(): Promise<void>;
}

/** The processes of the app that run at present, on one clock. */
export interface Instances {
  readonly running: readonly Instance[];
  /** Processes that ended although nobody ended them. */
  readonly crashed: number;
  /** How often the app said each of these things. */
  readonly told: Readonly<Record<string, number>>;
  /** The last error lines of all processes, for a failed test's text. */
  readonly errors: readonly string[];
  start(): Promise<Instance>;
  /** Tells every process how far its time is ahead of the machine's. */
  moveTo(aheadMs: number): void;
  stopAll(): Promise<void>;
}

/** @param options.app folder of the built app */
export function createInstances(options: {
  readonly app: string;
  readonly env: Readonly<Record<string, string>>;
}): Instances {
  const children = new Map<Instance, ChildProcess>();
  const told: Record<string, number> = {};
  const errors: string[] = [];
  let aheadMs = 0;

  function listen(line: string): void {
    for (const event of TOLD) if (line.includes(event)) told[event] = (told[event] ?? 0) + 1;
    if (/"level":"(error|critical)"/.test(line))
      errors.splice(0, errors.length - 19, ...errors.slice(-19), line);
  }

  async function end(instance: Instance, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = children.get(instance);
    children.delete(instance);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  return {
    get running() {
      return [...children.keys()];
    },
    get crashed() {
      return [...children.values()].filter(({ exitCode, signalCode }) => (exitCode ?? signalCode) !== null)
        .length;
    },
    told,
    errors,
    async start() {
      const child = launch(options.app, { ...options.env, KILL_AHEAD_MS: String(aheadMs) });
      if (child.stderr) createInterface({ input: child.stderr }).on('line', listen);
      const url = await readyUrl(child, errors);
      child.send(aheadMs);
      const instance: Instance = {
        tick: () => tick(url),
        kill: () => end(instance, 'SIGKILL'),
        stop: () => end(instance, 'SIGTERM'),
      };
      children.set(instance, child);
      return instance;
    },
    moveTo(ms) {
      aheadMs = ms;
      for (const child of children.values()) if (child.connected) child.send(ms);
    },
    async stopAll() {
      await Promise.all([...children.keys()].map((instance) => instance.stop()));
    },
  };
}

function launch(app: string, env: Readonly<Record<string, string>>): ChildProcess {
  const args = ['--import', MOVED_DATE, RUNNER, '--app', app, '--port', '0', '--json-log'];
  return spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

async function readyUrl(child: ChildProcess, errors: readonly string[]): Promise<string> {
  if (child.stdout === null) throw new Error('the runner has no output');
  const line = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const ended = once(child, 'exit').then((): [string] => {
    throw new Error(`the runner ended before it was ready:\n${errors.join('\n')}`);
  });
  const [ready] = await Promise.race([line, ended]);
  return (JSON.parse(ready) as { readonly url: string }).url;
}

async function tick(url: string): Promise<void> {
  const answer = await fetch(new URL('/admin/functions/enqueue-due-tenants', url), { method: 'POST' });
  if (answer.status !== 202) throw new Error(`the timer function did not start: ${answer.status}`);
}
