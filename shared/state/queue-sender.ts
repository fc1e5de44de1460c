import type { TokenCredential } from '@azure/identity';
import { newPipeline, QueueServiceClient } from '@azure/storage-queue';
import { isOutriderError } from '../errors.ts';
import type { QueueSender } from '../storage.ts';
import { agentFactories } from './http-client.ts';
import { CALL_MS, withinTime } from './within-time.ts';

const TRY_MS = 30_000;
const TRIES = 4;

/**
 * Sends to a queue of Azure Queue storage, which is created on first use when missing. Messages are plain text:
 * host.json says `"messageEncoding": "none"` so that Functions reads them so. `check` looks at the queue, which need not
 * be there yet: it answers, and this identity is let in.
 */
export function createQueueSender(options: {
  readonly uri: string;
  readonly queue: string;
  readonly credential: TokenCredential;
  /** For one call, in milliseconds. Default 60 s. */
  readonly callMs?: number;
}): QueueSender & { check(): Promise<void> } {
  const { callMs = CALL_MS } = options;
  const pipeline = newPipeline(options.credential, {
    retryOptions: { maxTries: TRIES, tryTimeoutInMs: TRY_MS },
  });
  pipeline.factories.unshift(...agentFactories());
  const service = new QueueServiceClient(options.uri, pipeline);
  const queue = service.getQueueClient(options.queue);

  const call = <Result>(work: (abortSignal: AbortSignal) => Promise<Result>): Promise<Result> =>
    withinTime(`queue ${options.queue}`, callMs, work);

  return {
    async send(text, { delaySeconds, liveSeconds } = {}) {
      const send = (): Promise<unknown> =>
        call((abortSignal) =>
          queue.sendMessage(text, {
            abortSignal,
            ...(delaySeconds ? { visibilityTimeout: delaySeconds } : {}),
            ...(liveSeconds ? { messageTimeToLive: liveSeconds } : {}),
          }),
        );
      try {
        await send();
      } catch (error) {
        if (!isOutriderError(error, 'storage.not_found')) throw error;
        await call((abortSignal) => queue.createIfNotExists({ abortSignal }));
        await send();
      }
    },

    async check() {
      try {
        await call((abortSignal) => queue.getProperties({ abortSignal }));
      } catch (error) {
        if (!isOutriderError(error, 'storage.not_found')) throw error;
      }
    },
  };
}
