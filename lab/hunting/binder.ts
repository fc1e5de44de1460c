import { Worker } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import type { Binding } from './binding.ts';
import type { BindAnswer, BindRequest } from './kusto/worker.ts';

/** Binds queries as Defender would. */
export interface Binder {
  /** @throws an Error when the language service itself failed at the query, or took too long */
  bind(query: string, options: { readonly strictTypes: boolean }): Promise<Binding>;
}

/** Enough for the service's garbage between two queries; without a limit it takes half a gigabyte. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8, stackSizeMb: 16 } as const;
const KEPT_BINDINGS = 2_000;
/** Far more than any query takes on the slowest machine; what takes longer hangs. */
const MOST_MS = 120_000;

/**
 * The one language service of this process, in a thread of its own: loading it and binding a query take a second on
 * a slow machine, in which the other stand-ins must answer. The thread starts at the first query and does not keep
 * the process alive.
 *
 * @param options.mostMs after which a query is given up, and the thread with it; default two minutes
 */
export function createBinder({ mostMs = MOST_MS }: { readonly mostMs?: number } = {}): Binder {
  const bound = new LRUCache<string, Promise<Binding>>({ max: KEPT_BINDINGS });
  const waiting = new Map<number, PromiseWithResolvers<Binding>>();
  let thread: Worker | undefined;
  let lastId = 0;

  function start(): Worker {
    const worker = new Worker(new URL('./kusto/worker.ts', import.meta.url), { resourceLimits: HEAP });
    worker.on('message', settle);
    worker.on('error', (error) => giveUp(worker, error));
    worker.on('exit', () => giveUp(worker, new Error('The thread that binds queries has ended.')));
    return worker;
  }

  function settle(answer: BindAnswer): void {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) thread?.unref();
    if ('binding' in answer) asked?.resolve(answer.binding);
    else asked?.reject(new Error(`The lab cannot bind the query: ${answer.failure}`));
  }

  /** The next query gets a new thread. */
  function giveUp(worker: Worker, error: Error): void {
    if (thread !== worker) return;
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function ask(query: string, strictTypes: boolean): Promise<Binding> {
    thread ??= start();
    thread.ref();
    const id = ++lastId;
    const asked = Promise.withResolvers<Binding>();
    waiting.set(id, asked);
    thread.postMessage({ id, query, strictTypes } satisfies BindRequest);
    const late = setTimeout(() => void thread?.terminate(), mostMs);
    return asked.promise.finally(() => clearTimeout(late));
  }

  return {
    bind(query, { strictTypes }) {
      const key = `${strictTypes} ${query}`;
      const known = bound.get(key);
      if (known) return known;
      const asked = ask(query, strictTypes);
      bound.set(key, asked);
      asked.catch(() => bound.delete(key));
      return asked;
    },
  };
}

let shared: Binder | undefined;

/** One binder for all labs of a process: what it knows does not depend on a lab. */
export function sharedBinder(): Binder {
  shared ??= createBinder();
  return shared;
}
