import type { QueueFunction } from './index-functions.ts';
import { type QueueListener, type QueueListenerDeps, startQueueListener } from './queue-listener.ts';
import { messageOf } from './runner-error.ts';
import type { Queue, Storage } from './storage.ts';

/** Every queue trigger of the app. */
export interface QueueTriggers {
  /** Tells a trigger on that queue that the app has sent to it. */
  notify(queueName: string): void;
  stop(): Promise<void>;
}

const POISON_SUFFIX = '-poison';
const LONGEST_QUEUE_NAME = 63;
const CONNECT_AGAIN_MS = 5_000;

/**
 * Starts a listener for each queue function, its queue made when it is missing. Storage that does not
 * answer yet is tried again every five seconds.
 */
export function startQueueTriggers(
  functions: readonly QueueFunction[],
  deps: Omit<QueueListenerDeps, 'fn' | 'queue' | 'poison'> & { readonly storage: Storage },
): QueueTriggers {
  const stopping = new AbortController();
  const listeners = new Map<string, QueueListener[]>();
  const starting = functions.map(start);

  return {
    notify(queueName) {
      for (const listener of listeners.get(queueName) ?? []) listener.notify();
    },
    async stop() {
      stopping.abort();
      await Promise.all(starting);
      await Promise.all([...listeners.values()].flat().map((listener) => listener.stop()));
    },
  };

  async function start(fn: QueueFunction): Promise<void> {
    const queue = await connect(fn);
    if (queue === undefined) return;
    const poisonName = fn.queueName + POISON_SUFFIX;
    // The host gives no poison queue to a poison queue, nor one whose name would be too long.
    const hasPoison = !fn.queueName.endsWith(POISON_SUFFIX) && poisonName.length <= LONGEST_QUEUE_NAME;
    const poison = hasPoison
      ? { name: poisonName, queue: await deps.storage.queue(fn.connection, poisonName) }
      : undefined;
    if (stopping.signal.aborted) return;
    const listener = startQueueListener({ ...deps, fn, queue, poison });
    listeners.set(fn.queueName, [...(listeners.get(fn.queueName) ?? []), listener]);
  }

  async function connect(fn: QueueFunction): Promise<Queue | undefined> {
    const line = { source: 'runner', functionName: fn.name } as const;
    while (!stopping.signal.aborted) {
      try {
        const queue = await deps.storage.queue(fn.connection, fn.queueName);
        const created = await queue.createIfMissing();
        if (created) deps.log({ ...line, level: 'information', message: `made the queue ${fn.queueName}` });
        return queue;
      } catch (error) {
        const message = `queue ${fn.queueName} is not reachable yet: ${messageOf(error)}`;
        deps.log({ ...line, level: 'warning', message });
        await deps.clock.sleep(CONNECT_AGAIN_MS, stopping.signal);
      }
    }
    return undefined;
  }
}
