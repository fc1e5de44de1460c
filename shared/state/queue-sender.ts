import type { TokenCredential } from '@azure/identity';
import { newPipeline, QueueServiceClient } from '@azure/storage-queue';
import { isOutriderError } from '../errors.ts';
import type { QueueSender } from '../storage.ts';
import { agentFactories } from './http-client.ts';
import { storageError } from './storage-errors.ts';

const TRY_MS = 30_000;
const TRIES = 4;

/**
 * Sends to a queue of Azure Queue storage, which is created on first use when missing. Messages are plain text:
 * host.json says `"messageEncoding": "none"` so that Functions reads them so.
 */
export function createQueueSender(options: {
  readonly uri: string;
  readonly queue: string;
  readonly credential: TokenCredential;
}): QueueSender {
  const pipeline = newPipeline(options.credential, {
    retryOptions: { maxTries: TRIES, tryTimeoutInMs: TRY_MS },
  });
  pipeline.factories.unshift(...agentFactories());
  const service = new QueueServiceClient(options.uri, pipeline);
  const queue = service.getQueueClient(options.queue);

  async function call<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw storageError(error, `queue ${options.queue}`);
    }
  }

  return {
    async send(text, { delaySeconds, liveSeconds } = {}) {
      const send = (): Promise<unknown> =>
        call(() =>
          queue.sendMessage(text, {
            ...(delaySeconds ? { visibilityTimeout: delaySeconds } : {}),
            ...(liveSeconds ? { messageTimeToLive: liveSeconds } : {}),
          }),
        );
      try {
        await send();
      } catch (error) {
        if (!isOutriderError(error, 'storage.not_found')) throw error;
        await call(() => queue.createIfNotExists());
        await send();
      }
    },
  };
}
