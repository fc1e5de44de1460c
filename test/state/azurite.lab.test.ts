import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBlobStore } from '../../shared/state/blob-store.ts';
import { createQueueSender } from '../../shared/state/queue-sender.ts';
import { createTableStore } from '../../shared/state/table-store.ts';
import type { StreamingBlobStore, TableStore } from '../../shared/storage.ts';
import { ACCOUNT, enterLab, type Frame, startFrame } from '../lab/cloud/harness.ts';
import { describeStores } from './store-contract.ts';

const credential = {
  getToken: async () => ({ token: 'good', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const uri = (service: string): string => `https://${ACCOUNT}.${service}.core.windows.net`;

let frame: Frame;
let table: TableStore;
let blobs: StreamingBlobStore;

beforeAll(async () => {
  frame = await startFrame({ storage: true });
  enterLab(frame);
  table = createTableStore({ uri: uri('table'), table: 'OutriderIncidents', credential });
  blobs = createBlobStore({ uri: uri('blob'), container: 'outrider-incidents', credential });
});
afterAll(() => frame.stop());

it('reads nothing from a table and a container that nobody has made yet', async () => {
  expect(await table.get('p', 'a')).toBeUndefined();
  for await (const rows of table.range('p', 'a', 'z')) expect(rows).toEqual([]);
  expect(await blobs.get('x')).toBeUndefined();
  for await (const names of blobs.list('x')) expect(names).toEqual([]);
});

describeStores(() => ({ table, blobs }));

it('looks at a queue that may not be there yet, and says when it is not let in', async () => {
  const to = (token: string) =>
    createQueueSender({
      uri: uri('queue'),
      queue: 'outrider-not-yet',
      credential: { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    });
  await to('good').check();
  await expect(to('other-app').check()).rejects.toMatchObject({ code: 'storage.refused' });
});

it('sends to a queue that it makes on first use: plain text, delayed, living as long as told', async () => {
  const sender = createQueueSender({ uri: uri('queue'), queue: 'outrider-sync', credential });
  await sender.send('{"v":1}', { liveSeconds: 300 });
  await sender.send('later', { delaySeconds: 120 });
  const queue = new QueueServiceClient(uri('queue'), credential).getQueueClient('outrider-sync');
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 10 });
  expect(receivedMessageItems.map(({ messageText }) => messageText)).toEqual(['{"v":1}']);
  const lives =
    (receivedMessageItems[0]?.expiresOn.getTime() ?? 0) -
    (receivedMessageItems[0]?.insertedOn.getTime() ?? 0);
  expect(lives).toBe(300_000);
});

it('says what is missing when storage refuses, without the token', async () => {
  const refused = createTableStore({
    uri: uri('table'),
    table: 'OutriderIncidents',
    credential: {
      getToken: async () => ({ token: 'other-app', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
  });
  const error = await refused.get('p', 'a').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'storage.refused' });
  expect(String(error)).toContain('Table Data Contributor');
  expect(JSON.stringify(error) + String((error as Error).cause)).not.toContain('other-app');
});

it('gives up with a coded error when storage is full', async () => {
  const rule = frame.faults.add({ service: 'blob', status: 507, body: '', times: 1 });
  const error = await blobs.put('full', Uint8Array.of(1)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'storage.full' });
  expect(rule).toBeDefined();
});

it('gives up a call that storage does not answer, whatever it is', async () => {
  const options = { table: 'OutriderIncidents', container: 'outrider-incidents', queue: 'outrider-sync' };
  const hasty = { ...options, credential, callMs: 300 };
  const rows = createTableStore({ ...hasty, uri: uri('table') });
  const files = createBlobStore({ ...hasty, uri: uri('blob') });
  const messages = createQueueSender({ ...hasty, uri: uri('queue') });
  frame.faults.add({ delayMs: 20_000 });
  const calls = {
    row: rows.get('p', 'a'),
    rows: rows.range('p', 'a', 'z')[Symbol.asyncIterator]().next(),
    write: rows.transact('p', [{ op: 'insert', key: 'a', columns: {} }]),
    put: files.put('x', Uint8Array.of(1)),
    get: files.get('x'),
    list: files.list('x')[Symbol.asyncIterator]().next(),
    delete: files.deleteIf('x', '"1"'),
    send: messages.send('{}'),
  };
  const given = Object.entries(calls).map(async ([what, call]) => {
    const error = await call.catch((thrown: unknown) => thrown);
    expect(error, what).toMatchObject({ code: 'storage.unavailable' });
    expect((error as Error).message, what).toContain('within 0.3 seconds');
  });
  await Promise.all(given);
  frame.faults.clear();
});
