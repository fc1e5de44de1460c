import type { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LogEntry } from '../../../lab/runner/log.ts';
import { type Azurite, startAzurite } from './azurite.ts';
import { type PackagedApp, packageApp, type RunningApp, runApp, waitFor } from './run-app.ts';

let azurite: Azurite;
const apps: PackagedApp[] = [];
const runners: RunningApp[] = [];

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});
beforeEach(async () => {
  await Promise.all(
    ['orders', 'orders-poison', 'copies', 'receipts'].map((name) => queue(name).deleteIfExists()),
  );
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await Promise.all(apps.splice(0).map((app) => app.remove()));
});

const queue = (name: string): QueueClient => azurite.queues.getQueueClient(name);
const base64 = (content: unknown): string =>
  Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64');

async function start(queues: object = {}, only = ['orders']): Promise<RunningApp> {
  const host = { functions: only, extensions: { queues: { maxPollingInterval: '00:00:00.2', ...queues } } };
  const app = await packageApp({ fixture: 'sample-app.ts', host });
  apps.push(app);
  return run(app);
}

async function run(app: PackagedApp): Promise<RunningApp> {
  const runner = await runApp(app.directory, {
    AzureWebJobsStorage: azurite.connectionString,
    ORDERS_QUEUE: 'orders',
  });
  runners.push(runner);
  return runner;
}

async function send(...texts: readonly string[]): Promise<void> {
  await queue('orders').createIfNotExists();
  for (const text of texts) await queue('orders').sendMessage(text);
}

async function length(name: string): Promise<number> {
  return (await queue(name).getProperties()).approximateMessagesCount ?? 0;
}

/** The texts in a queue once it holds that many. */
async function texts(name: string, count: number): Promise<string[]> {
  const items = await waitFor(
    async () => {
      const peeked = await queue(name)
        .peekMessages({ numberOfMessages: 32 })
        .catch(() => undefined);
      return peeked !== undefined && peeked.peekedMessageItems.length >= count
        ? peeked.peekedMessageItems
        : undefined;
    },
    () => `queue ${name}`,
  );
  return items.map((item) => item.messageText);
}

const ended = (runner: RunningApp, outcome: string): readonly LogEntry[] =>
  runner.log.filter((entry) => entry.functionName === 'orders' && entry.outcome === outcome);
const endedTimes = (runner: RunningApp, outcome: string, count: number) =>
  waitFor(
    () => (ended(runner, outcome).length >= count ? true : undefined),
    () => runner.log.map((entry) => entry.message).join('\n'),
  );
const emptied = (name: string) =>
  waitFor(
    async () => ((await length(name)) === 0 ? true : undefined),
    () => `queue ${name} is not empty`,
  );

function seen(runner: RunningApp): { message: unknown; metadata: Record<string, unknown> }[] {
  return runner.log
    .filter((entry) => entry.message.startsWith('order {'))
    .map((entry) => JSON.parse(entry.message.slice('order '.length)));
}

test('a message is handled once with its metadata, JSON parsed, and then deleted', async () => {
  const runner = await start();
  expect(runner.ready.functions).toEqual([{ name: 'orders', trigger: 'queue', queue: 'orders' }]);
  await send(base64({ id: 7, Nested: { Keep: 'Case' } }), base64('plain ünïcode'), base64('17'));
  await endedTimes(runner, 'ok', 3);
  await emptied('orders');
  const handled = seen(runner);
  expect(handled.map((order) => order.message)).toEqual([
    { id: 7, Nested: { Keep: 'Case' } },
    'plain ünïcode',
    17,
  ]);
  const metadata = handled[0]?.metadata ?? {};
  expect(metadata).toMatchObject({ dequeueCount: 1, queueTrigger: { id: 7 } });
  expect(metadata.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(metadata.popReceipt).toEqual(expect.any(String));
  for (const name of ['insertionTime', 'expirationTime', 'nextVisibleTime']) {
    expect(metadata[name]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
  }
  expect(Date.parse(String(metadata.nextVisibleTime)) - Date.now()).toBeGreaterThan(590_000);
});

test('a failing message is tried maxDequeueCount times and then moved to the poison queue unchanged', async () => {
  const runner = await start({ maxDequeueCount: 3 });
  const text = base64({ id: 1, fail: true });
  await send(text);
  expect(await texts('orders-poison', 1)).toEqual([text]);
  await emptied('orders');
  expect(ended(runner, 'failed')).toHaveLength(3);
  expect(ended(runner, 'failed')[0]?.message).toContain('order 1 failed');
  expect(seen(runner).map((order) => order.metadata.dequeueCount)).toEqual([1, 2, 3]);
});

test('a failed message stays hidden for visibilityTimeout before the next try', async () => {
  const runner = await start({ visibilityTimeout: '00:00:02', maxDequeueCount: 2 });
  await send(base64({ fail: true }));
  await endedTimes(runner, 'failed', 2);
  const [first, second] = ended(runner, 'failed').map((entry) =>
    Date.parse((entry as LogEntry & { time: string }).time),
  );
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_900);
});

test('a message that is not base64 goes to the poison queue without a try', async () => {
  const runner = await start();
  await send('{"id": 1}');
  expect(await texts('orders-poison', 1)).toEqual(['{"id": 1}']);
  await emptied('orders');
  expect(seen(runner)).toEqual([]);
});

test('messageEncoding none takes and sends text as it is', async () => {
  const runner = await start({ messageEncoding: 'none' });
  await send('{"id": 5, "outputs": ["a <b> & c"]}');
  await endedTimes(runner, 'ok', 1);
  expect(await texts('copies', 1)).toEqual(['a <b> & c']);
  expect(await texts('receipts', 1)).toEqual(['{"receiptFor":5}']);
});

test('outputs: the return value and one message for each item of an array, in base64', async () => {
  const runner = await start();
  await send(base64({ id: 9, outputs: [{ n: 1 }, 'two', 3] }), base64({ id: 10 }));
  await endedTimes(runner, 'ok', 2);
  expect((await texts('copies', 3)).sort()).toEqual([base64({ n: 1 }), base64('two'), base64('3')].sort());
  expect(await texts('receipts', 1)).toEqual([base64({ receiptFor: 9 })]);
  expect(await length('receipts')).toBe(1);
});

test('runs up to batchSize plus newBatchThreshold messages at once, and no more', async () => {
  await send(...Array.from({ length: 9 }, (_, id) => base64({ id, waitMs: id % 2 === 0 ? 200 : 600 })));
  const runner = await start({ batchSize: 2, newBatchThreshold: 1 });
  await endedTimes(runner, 'ok', 9);
  let now = 0;
  let most = 0;
  for (const entry of runner.log.filter(
    (candidate) => candidate.source === 'runner' && candidate.invocationId,
  )) {
    now += entry.outcome === undefined ? 1 : -1;
    most = Math.max(most, now);
  }
  expect(most).toBe(3);
});

test('a poison queue has no poison queue: a failed message stays there, hidden', async () => {
  const runner = await start({ maxDequeueCount: 1 }, ['orders', 'orders-poison']);
  await send(base64({ id: 3, fail: true }));
  const entry = await runner.entry((candidate) => candidate.message === 'poison {"id":3,"fail":true}');
  expect(entry.functionName).toBe('orders-poison');
  await endedTimes(runner, 'failed', 1);
  await runner.entry((candidate) => candidate.message.includes('stays hidden for 10 minutes'));
  expect(await length('orders-poison')).toBe(1);
  expect((await queue('orders-poison').peekMessages()).peekedMessageItems).toEqual([]);
  const names: string[] = [];
  for await (const item of azurite.queues.listQueues()) names.push(item.name);
  expect(names).not.toContain('orders-poison-poison');
});

test('SIGTERM lets the message at work finish, and a new runner takes the rest', async () => {
  const app = await packageApp({
    fixture: 'sample-app.ts',
    host: { functions: ['orders'], extensions: { queues: { batchSize: 1, newBatchThreshold: 0 } } },
  });
  apps.push(app);
  const first = await run(app);
  await send(base64({ id: 1, waitMs: 700 }), base64({ id: 2 }));
  await first.entry((entry) => entry.message.startsWith('order {'));
  expect(await first.stop()).toBe(0);
  expect(seen(first).map((order) => order.message)).toEqual([{ id: 1, waitMs: 700 }]);
  expect(ended(first, 'ok')).toHaveLength(1);
  expect(await length('orders')).toBe(1);
  const second = await run(app);
  await endedTimes(second, 'ok', 1);
  expect(seen(second).map((order) => order.message)).toEqual([{ id: 2 }]);
});

test('a function that runs too long fails, is tried again, and the runner goes on', async () => {
  const host = {
    functionTimeout: '00:00:01',
    functions: ['orders', 'literal'],
    extensions: { queues: { maxDequeueCount: 1 } },
  };
  const app = await packageApp({ fixture: 'sample-app.ts', host });
  apps.push(app);
  const runner = await run(app);
  await send(base64({ id: 1, waitMs: 5_000 }));
  await endedTimes(runner, 'failed', 1);
  expect(ended(runner, 'failed')[0]?.message).toContain('functionTimeout of 1 s');
  expect(await texts('orders-poison', 1)).toHaveLength(1);
  expect(await (await fetch(`${runner.ready.url}/api/echo/latest`)).text()).toBe('the literal');
});

test('POST /admin/functions runs a queue function with the given input', async () => {
  const runner = await start();
  const answer = await fetch(`${runner.ready.url}/admin/functions/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: '{"id": 44}' }),
  });
  expect(answer.status).toBe(202);
  await endedTimes(runner, 'ok', 1);
  expect(seen(runner)[0]?.message).toEqual({ id: 44 });
  expect((await fetch(`${runner.ready.url}/admin/functions/nobody`, { method: 'POST' })).status).toBe(404);
});
