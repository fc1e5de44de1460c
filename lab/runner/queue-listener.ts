import type { RunnerClock } from './clock.ts';
import type { QueueOptions } from './host-json.ts';
import type { QueueFunction } from './index-functions.ts';
import type { Invoker } from './invoker.ts';
import type { Log } from './log.ts';
import { createBackoff } from './queue-backoff.ts';
import { decodeMessage, messageInput, messageMetadata } from './queue-message.ts';
import { messageOf } from './runner-error.ts';
import type { Queue, ReceivedMessage } from './storage.ts';

/** A queue trigger at work. */
export interface QueueListener {
  /** Looks at the queue without waiting for the next poll; called when the app itself has sent to it. */
  notify(): void;
  /** Stops fetching and resolves when every message at work is done. */
  stop(): Promise<void>;
}

export interface QueueListenerDeps {
  readonly fn: QueueFunction;
  readonly queue: Queue;
  /** Where a message goes after its last try; undefined for a trigger on a poison queue, which has none. */
  readonly poison: { readonly name: string; readonly queue: Queue } | undefined;
  readonly options: QueueOptions;
  readonly invoker: Invoker;
  readonly clock: RunnerClock;
  readonly log: Log;
  /** As Math.random. */
  readonly random: () => number;
}

// The host hides a message this long and renews at half time for as long as the function runs.
const HIDDEN_SECONDS = 600;
const RENEW_AFTER_MS = (HIDDEN_SECONDS * 1000) / 2;

/**
 * Plays the Storage queue trigger: batches, polling back-off, concurrency of batchSize plus newBatchThreshold,
 * visibility, retries and the poison queue, as
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger has them.
 */
export function startQueueListener(deps: QueueListenerDeps): QueueListener {
  const { fn, queue, poison, options, clock } = deps;
  const stopping = new AbortController();
  const backoff = createBackoff(options.maxPollingIntervalMs, deps.random);
  const atWork = new Set<Promise<void>>();
  let wake = new AbortController();
  const polling = poll();

  return {
    notify: () => wake.abort(),
    async stop() {
      stopping.abort();
      wake.abort();
      await polling;
      await Promise.allSettled(atWork);
    },
  };

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      const found = await fetchBatch();
      const wait = backoff.next(found);
      if (found) await untilRoomForBatch();
      else await clock.sleep(wait, AbortSignal.any([wake.signal, stopping.signal]));
    }
  }

  async function untilRoomForBatch(): Promise<void> {
    while (atWork.size > options.newBatchThreshold && !stopping.signal.aborted) {
      await Promise.race(atWork);
    }
  }

  async function fetchBatch(): Promise<boolean> {
    try {
      const messages = await queue.receive(options.batchSize, HIDDEN_SECONDS);
      for (const message of messages) start(message);
      return messages.length > 0;
    } catch (error) {
      if (!stopping.signal.aborted)
        report('warning', `the queue ${fn.queueName} cannot be read: ${messageOf(error)}`);
      return false;
    }
  }

  function start(message: ReceivedMessage): void {
    const work = handle(message).catch((error: unknown) => {
      report('error', `message ${message.id} of ${fn.queueName} cannot be settled: ${messageOf(error)}`);
    });
    atWork.add(work);
    void work.then(() => atWork.delete(work));
  }

  async function handle(message: ReceivedMessage): Promise<void> {
    const body = decodeMessage(message.text, options.messageEncoding);
    if (body === undefined) {
      // Trying again cannot help, so the host does not (azure-sdk-for-net pull request 18326).
      report(
        'error',
        `message ${message.id} of ${fn.queueName} is not ${options.messageEncoding}; it is not tried`,
      );
      await moveToPoison(message, message.popReceipt);
      return;
    }
    if (poison !== undefined && message.dequeueCount > options.maxDequeueCount) {
      await moveToPoison(message, message.popReceipt);
      return;
    }
    const renewal = keepHidden(message);
    const ok = await run(message, body);
    await settle(message, ok, await renewal.stop());
  }

  async function run(message: ReceivedMessage, body: Buffer): Promise<boolean> {
    const reason = `message ${message.id} of ${fn.queueName}, try ${message.dequeueCount}`;
    let input: ReturnType<typeof messageInput>;
    try {
      input = messageInput(body, fn.binary);
    } catch (error) {
      report('error', `${reason}: ${messageOf(error)}`);
      return false;
    }
    const triggerMetadata = messageMetadata(message, body, fn.name, clock.now());
    return (await deps.invoker.invoke({ fn, reason, input, triggerMetadata })).ok;
  }

  async function settle(message: ReceivedMessage, ok: boolean, popReceipt: string): Promise<void> {
    if (ok) await queue.delete(message.id, popReceipt);
    else if (poison === undefined) {
      // A poison queue's message stays hidden until its ten minutes are over, or it would come round at once.
      report(
        'warning',
        `message ${message.id} of ${fn.queueName} stays hidden for ${HIDDEN_SECONDS / 60} minutes`,
      );
    } else if (message.dequeueCount >= options.maxDequeueCount) await moveToPoison(message, popReceipt);
    else await queue.hide(message.id, popReceipt, Math.ceil(options.visibilityTimeoutMs / 1000));
  }

  async function moveToPoison(message: ReceivedMessage, popReceipt: string): Promise<void> {
    if (poison === undefined) return;
    report('warning', `message ${message.id} of ${fn.queueName} moves to ${poison.name}`);
    await poison.queue.createIfMissing();
    await poison.queue.send(message.text);
    await queue.delete(message.id, popReceipt);
  }

  /** Renews the message's invisibility until stopped; stop returns the newest pop receipt. */
  function keepHidden(message: ReceivedMessage): { stop(): Promise<string> } {
    const done = new AbortController();
    const renewing = renew();
    return {
      stop: () => {
        done.abort();
        return renewing;
      },
    };

    async function renew(): Promise<string> {
      let { popReceipt } = message;
      for (;;) {
        await clock.sleep(RENEW_AFTER_MS, done.signal);
        if (done.signal.aborted) return popReceipt;
        popReceipt = await queue.hide(message.id, popReceipt, HIDDEN_SECONDS).catch((error: unknown) => {
          report(
            'warning',
            `message ${message.id} of ${fn.queueName} cannot be kept hidden: ${messageOf(error)}`,
          );
          return popReceipt;
        });
      }
    }
  }

  function report(level: 'warning' | 'error', message: string): void {
    deps.log({ level, source: 'runner', functionName: fn.name, message });
  }
}
