import type { IndexedFunction, QueueOutput } from './index-functions.ts';
import { encodeMessage, type MessageEncoding } from './queue-message.ts';
import type { Storage } from './storage.ts';
import type { InvocationResponse, TypedData } from './worker-contract.ts';

/**
 * Sends what a function left for its Storage queue outputs (return value and extra outputs): the queue made
 * when missing, an array as one message for each item, objects as JSON, in host.json's message encoding.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-output#usage
 */
export function createQueueOutputs(deps: {
  readonly storage: Storage;
  readonly encoding: MessageEncoding;
  /** Called with the queue's name after messages were sent to it. */
  sent(queueName: string): void;
}): (fn: IndexedFunction, response: InvocationResponse) => Promise<void> {
  return async (fn, response) => {
    for (const [name, output] of fn.outputs) {
      const data =
        name === '$return'
          ? response.returnValue
          : response.outputData?.find((entry) => entry.name === name)?.data;
      await send(output, messagesOf(data));
    }
  };

  async function send(output: QueueOutput, messages: readonly (string | Uint8Array)[]): Promise<void> {
    if (messages.length === 0) return;
    const queue = await deps.storage.queue(output.connection, output.queueName);
    await queue.createIfMissing();
    for (const message of messages) await queue.send(encodeMessage(message, deps.encoding));
    deps.sent(output.queueName);
  }
}

/** The contents of the messages that an output value stands for. */
export function messagesOf(data: TypedData | null | undefined): readonly (string | Uint8Array)[] {
  if (data === null || data === undefined) return [];
  if (typeof data.json === 'string') return jsonMessages(JSON.parse(data.json));
  if (data.bytes) return [data.bytes];
  const value = data.string ?? data.int ?? data.double;
  return value === null || value === undefined ? [] : [String(value)];
}

function jsonMessages(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items
    .filter((item) => item !== null)
    .map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}
