import { expect, test } from 'vitest';
import { parseHostJson } from '../../../lab/runner/host-json.ts';
import type { QueueFunction } from '../../../lab/runner/index-functions.ts';
import type { Invoker } from '../../../lab/runner/invoker.ts';
import { createBackoff } from '../../../lab/runner/queue-backoff.ts';
import { startQueueListener } from '../../../lab/runner/queue-listener.ts';
import type { Queue, ReceivedMessage } from '../../../lab/runner/storage.ts';
import { createManualClock } from './manual-clock.ts';

const MINUTE = 60_000;

function begin(options: {
  readonly takesMs: number;
  readonly messages: number;
  readonly ok?: boolean;
  readonly hideFails?: boolean;
}) {
  const clock = createManualClock(0);
  const calls: string[] = [];
  let left = options.messages;
  const record = (text: string) => void calls.push(`${clock.now() / MINUTE} ${text}`);
  const queue: Queue = {
    createIfMissing: async () => false,
    async receive(count, visibilitySeconds) {
      record(`receive ${count} for ${visibilitySeconds} s`);
      const taken = Math.min(count, left);
      left -= taken;
      return Array.from({ length: taken }, (_, index) => message(`m${index}`));
    },
    async hide(id, popReceipt, visibilitySeconds) {
      record(`hide ${id} ${popReceipt} for ${visibilitySeconds} s`);
      if (options.hideFails === true) throw new Error('gone');
      return `${popReceipt}+`;
    },
    delete: async (id, popReceipt) => record(`delete ${id} ${popReceipt}`),
    send: async () => undefined,
  };
  const invoker: Invoker = {
    async invoke() {
      await clock.sleep(options.takesMs);
      return options.ok === false ? { ok: false, error: new Error('no') } : { ok: true, response: {} };
    },
    idle: async () => undefined,
  };
  const fn: QueueFunction = {
    name: 'work',
    trigger: 'queue',
    binding: 'message',
    outputs: new Map(),
    registered: { metadata: { name: 'work', bindings: {} }, callback: () => undefined },
    queueName: 'work',
    connection: 'AzureWebJobsStorage',
    binary: false,
  };
  const { queues } = parseHostJson(
    '{"version":"2.0","extensions":{"queues":{"maxPollingInterval":"01:00:00"}}}',
    {},
  );
  const poison = { name: 'work-poison', queue };
  const listener = startQueueListener({
    fn,
    queue,
    poison,
    options: queues,
    invoker,
    clock,
    log: () => undefined,
    random: () => 0.5,
  });
  return { clock, calls, listener };
}

function message(id: string): ReceivedMessage {
  const date = new Date(0);
  return {
    id,
    popReceipt: 'p',
    text: '',
    dequeueCount: 1,
    insertedOn: date,
    expiresOn: date,
    nextVisibleOn: date,
  };
}

test('a message is hidden for ten minutes and again every five while the function runs', async () => {
  const { clock, calls } = begin({ takesMs: 12 * MINUTE, messages: 1 });
  await clock.advance(13 * MINUTE);
  expect(calls.filter((call) => !call.includes('receive'))).toEqual([
    '5 hide m0 p for 600 s',
    '10 hide m0 p+ for 600 s',
    '12 delete m0 p++',
  ]);
  expect(calls[0]).toBe('0 receive 16 for 600 s');
});

test('a renewal that fails leaves the newest pop receipt in use', async () => {
  const { clock, calls } = begin({ takesMs: 6 * MINUTE, messages: 1, hideFails: true });
  await clock.advance(7 * MINUTE);
  expect(calls.filter((call) => call.includes('delete'))).toEqual(['6 delete m0 p']);
});

test('a failed message is made visible at once with its newest pop receipt', async () => {
  const { clock, calls } = begin({ takesMs: 6 * MINUTE, messages: 1, ok: false });
  await clock.advance(7 * MINUTE);
  expect(calls.filter((call) => call.includes('hide'))).toEqual([
    '5 hide m0 p for 600 s',
    '6 hide m0 p+ for 0 s',
  ]);
});

test('a batch is fetched again only when no more than newBatchThreshold messages are at work', async () => {
  const { clock, calls } = begin({ takesMs: MINUTE, messages: 40 });
  await clock.advance(1);
  expect(calls).toEqual(['0 receive 16 for 600 s']);
  await clock.advance(MINUTE);
  expect(calls.filter((call) => call.includes('receive'))).toHaveLength(2);
});

test('an empty queue is asked less and less often, and at once when told', async () => {
  const { clock, calls, listener } = begin({ takesMs: 0, messages: 0 });
  await clock.advance(1_999);
  const quiet = calls.length;
  expect(quiet).toBe(5);
  listener.notify();
  await clock.advance(1);
  expect(calls).toHaveLength(quiet + 1);
});

test('the waits grow from 100 ms to maxPollingInterval and start again when something is found', () => {
  const backoff = createBackoff(2_000, () => 0.5);
  const waits = Array.from({ length: 8 }, () => Math.round(backoff.next(false)));
  expect(waits).toEqual([100, 200, 300, 500, 900, 1_700, 2_000, 2_000]);
  expect(backoff.next(true)).toBe(100);
  expect(Math.round(backoff.next(false))).toBe(100);
  const jittered = createBackoff(60_000, () => 1);
  jittered.next(false);
  expect(Math.round(jittered.next(false))).toBe(220);
});
