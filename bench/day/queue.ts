import type { Queue, ReceivedMessage } from '../../lab/runner/storage.ts';
import type { QueueSender } from '../../shared/storage.ts';
import type { Operations } from './operations.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Message {
  readonly id: string;
  readonly text: string;
  readonly insertedMs: number;
  readonly expiresMs: number;
  visibleMs: number;
  dequeued: number;
  receipt: number;
}

const DEFAULT_LIFE_SECONDS = 7 * 86_400;
const CALL_MS = 5;

/** A queue in virtual time, with Azure's visibility, expiry and pop receipts, for the senders and for the listener. */
export function createQueue(
  time: VirtualTime,
  operations: Operations,
): { sender: QueueSender; queue: Queue } {
  const messages = new Map<string, Message>();
  let sent = 0;

  async function call(name: 'send' | 'receive' | 'delete' | 'update'): Promise<void> {
    operations.queue[name]++;
    await time.wait(CALL_MS);
  }

  function held(id: string, popReceipt: string): Message {
    const message = messages.get(id);
    if (!message || String(message.receipt) !== popReceipt)
      throw new Error(`message ${id} is not held any more`);
    return message;
  }

  async function send(text: string, delaySeconds = 0, liveSeconds = DEFAULT_LIFE_SECONDS): Promise<void> {
    await call('send');
    const now = time.now();
    const id = String(++sent);
    messages.set(id, {
      id,
      text,
      insertedMs: now,
      visibleMs: now + delaySeconds * 1000,
      expiresMs: now + liveSeconds * 1000,
      dequeued: 0,
      receipt: 0,
    });
  }

  return {
    sender: { send: (text, { delaySeconds, liveSeconds } = {}) => send(text, delaySeconds, liveSeconds) },
    queue: {
      createIfMissing: async () => false,
      send: (text) => send(text),
      async receive(count, hiddenSeconds) {
        await call('receive');
        const now = time.now();
        const received: ReceivedMessage[] = [];
        for (const message of messages.values()) {
          if (message.expiresMs <= now) messages.delete(message.id);
          else if (message.visibleMs <= now) received.push(taken(message, now, hiddenSeconds));
          if (received.length === count) break;
        }
        return received;
      },
      async hide(id, popReceipt, hiddenSeconds) {
        await call('update');
        const message = held(id, popReceipt);
        message.visibleMs = time.now() + hiddenSeconds * 1000;
        return String(++message.receipt);
      },
      async delete(id, popReceipt) {
        await call('delete');
        messages.delete(held(id, popReceipt).id);
      },
    },
  };
}

function taken(message: Message, now: number, hiddenSeconds: number): ReceivedMessage {
  message.visibleMs = now + hiddenSeconds * 1000;
  message.dequeued++;
  message.receipt++;
  return {
    id: message.id,
    popReceipt: String(message.receipt),
    text: message.text,
    dequeueCount: message.dequeued,
    insertedOn: new Date(message.insertedMs),
    expiresOn: new Date(message.expiresMs),
    nextVisibleOn: new Date(message.visibleMs),
  };
}
