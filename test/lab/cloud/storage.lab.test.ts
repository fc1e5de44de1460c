import { odata, TableClient, TableTransaction, type TransactionAction } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, CUSTOMER, enterLab, type Frame, startFrame } from './harness.ts';

const HOUR_MS = 3_600_000;
const noRetry = { retryOptions: { maxRetries: 0, maxTries: 1 } };

let frame: Frame;
beforeAll(async () => {
  frame = await startFrame({ storage: true });
  enterLab(frame);
});
afterEach(() => frame.faults.clear());
afterAll(() => frame.stop());

function credential(token: string) {
  return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + HOUR_MS }) };
}

function tableNamed(name: string, token = 'good'): TableClient {
  return new TableClient(`https://${ACCOUNT}.table.core.windows.net`, name, credential(token), noRetry);
}

async function newTable(name: string): Promise<TableClient> {
  const table = tableNamed(name);
  await table.createTable();
  return table;
}

function container(name: string, token = 'good') {
  const service = new BlobServiceClient(
    `https://${ACCOUNT}.blob.core.windows.net`,
    credential(token),
    noRetry,
  );
  return service.getContainerClient(name);
}

interface StorageFailure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
}

/** How the libraries report a failure; the one for tables leaves a single operation's code in its details. */
async function errorOf(work: Promise<unknown>): Promise<StorageFailure> {
  return work.then(
    () => {
      throw new Error('Nothing failed.');
    },
    (error) => ({
      statusCode: error.statusCode,
      code: error.code ?? error.details?.odataError?.code,
      message: error.message,
    }),
  );
}

describe('tables under the production name', () => {
  test('a transaction is written whole and its answer names the rows as Azure does', async () => {
    const table = await newTable('transactions');
    const transaction = new TableTransaction();
    transaction.createEntity({ partitionKey: CUSTOMER, rowKey: 'a', title: 'plain' });
    transaction.upsertEntity({ partitionKey: CUSTOMER, rowKey: 'b', title: 'Grüße – 東京 😀' }, 'Replace');
    transaction.upsertEntity({ partitionKey: CUSTOMER, rowKey: 'c', title: 'line\u2028and\u2029paragraph' });
    const answer = await table.submitTransaction(transaction.actions);
    expect(answer.status).toBe(202);
    expect(answer.subResponses.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(answer.subResponses.every(({ etag }) => etag?.startsWith('W/"'))).toBe(true);
    const titles: unknown[] = [];
    for await (const row of table.listEntities()) titles.push(row.title);
    expect(titles).toEqual(['plain', 'Grüße – 東京 😀', 'line\u2028and\u2029paragraph']);
  });

  test('text that looks like a part of a transaction is kept as it is', async () => {
    const table = await newTable('lookalikes');
    const value = `PUT https://${ACCOUNT}.table.core.windows.net/t(PartitionKey='x') HTTP/1.1\r\nLocation: https://a/${ACCOUNT}/b {"x": {}}`;
    await table.submitTransaction([
      ['create', { partitionKey: 'p', rowKey: '1', value }],
      ['create', { partitionKey: 'p', rowKey: '2', value: '}{' }],
    ]);
    expect((await table.getEntity('p', '1')).value).toBe(value);
    expect((await table.getEntity('p', '2')).value).toBe('}{');
  });

  test('one wrong etag fails the whole transaction with 412 and writes nothing', async () => {
    const table = await newTable('fences');
    await table.createEntity({ partitionKey: 'p', rowKey: 'fence', owner: 1 });
    const first = await table.getEntity('p', 'fence');
    await table.updateEntity({ partitionKey: 'p', rowKey: 'fence', owner: 2 }, 'Replace', {
      etag: first.etag,
    });
    const failure = await errorOf(
      table.submitTransaction([
        ['create', { partitionKey: 'p', rowKey: 'row', value: 1 }],
        ['update', { partitionKey: 'p', rowKey: 'fence', owner: 3 }, 'Replace', { etag: first.etag }],
      ]),
    );
    expect(failure.statusCode).toBe(412);
    expect(failure.code).toBe('UpdateConditionNotSatisfied');
    expect((await table.getEntity('p', 'fence')).owner).toBe(2);
    expect((await errorOf(table.getEntity('p', 'row'))).statusCode).toBe(404);
  });

  test('delete, merge and replace go through a transaction with their etags', async () => {
    const table = await newTable('verbs');
    for (const rowKey of ['gone', 'merged', 'replaced']) {
      await table.createEntity({ partitionKey: 'p', rowKey, kept: 'old' });
    }
    const etagOf = async (rowKey: string) => (await table.getEntity('p', rowKey)).etag;
    await table.submitTransaction([
      ['delete', { partitionKey: 'p', rowKey: 'gone' }],
      ['update', { partitionKey: 'p', rowKey: 'merged', more: 1 }, 'Merge', { etag: await etagOf('merged') }],
      [
        'update',
        { partitionKey: 'p', rowKey: 'replaced', more: 1 },
        'Replace',
        { etag: await etagOf('replaced') },
      ],
    ]);
    expect((await errorOf(table.getEntity('p', 'gone'))).statusCode).toBe(404);
    expect(await table.getEntity('p', 'merged')).toMatchObject({ kept: 'old', more: 1 });
    expect(await table.getEntity('p', 'replaced')).not.toHaveProperty('kept');
  });

  test('keys with every awkward character survive single writes, transactions and filters', async () => {
    const table = await newTable('keys');
    const keys = [
      "o'neil",
      'a b',
      'ü–東',
      '100%25',
      'a&b=c+d',
      '(x),y',
      '{j}',
      'semi;colon',
      "''",
      '~!@$^*|"<>`',
    ];
    for (const key of keys) {
      await table.createEntity({ partitionKey: key, rowKey: key, via: 'single' });
      await table.submitTransaction([
        ['update', { partitionKey: key, rowKey: key, via: 'batch' }, 'Replace', { etag: '*' }],
        ['create', { partitionKey: key, rowKey: `${key}2`, via: 'batch' }],
      ]);
      const found: unknown[] = [];
      const filter = odata`PartitionKey eq ${key}`;
      for await (const row of table.listEntities({ queryOptions: { filter } }))
        found.push([row.rowKey, row.via]);
      expect(found).toEqual([
        [key, 'batch'],
        [`${key}2`, 'batch'],
      ]);
    }
  });

  test('a list goes on over pages by its continuation token', async () => {
    const table = await newTable('pages');
    for (const half of [0, 1]) {
      const rows = Array.from({ length: 60 }, (_, n) => String(half * 60 + n).padStart(3, '0'));
      await table.submitTransaction(
        rows.map((rowKey) => ['create', { partitionKey: 'p', rowKey, flag: Number(rowKey) % 2 === 0 }]),
      );
    }
    const seen: (string | undefined)[] = [];
    const sizes: number[] = [];
    for await (const page of table.listEntities().byPage({ maxPageSize: 50 })) {
      sizes.push(page.length);
      seen.push(...page.map((row) => row.rowKey));
    }
    expect(sizes).toEqual([50, 50, 20]);
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => String(n).padStart(3, '0')));
    const even: unknown[] = [];
    const filter = odata`RowKey ge ${'100'} and flag eq true`;
    for await (const row of table.listEntities({ queryOptions: { filter } })) even.push(row.rowKey);
    expect(even).toHaveLength(10);
  });

  test('100 rows of 30 KB fit into one transaction, 101 do not', async () => {
    const table = await newTable('sizes');
    const value = 'x'.repeat(30_000);
    const rows = (count: number, row: { partitionKey: string; value: string }): TransactionAction[] =>
      Array.from({ length: count }, (_, n) => ['create', { ...row, rowKey: String(n) }]);
    await table.submitTransaction(rows(100, { partitionKey: 'a', value }));
    expect((await table.getEntity('a', '99')).value).toBe(value);
    const failure = await errorOf(table.submitTransaction(rows(101, { partitionKey: 'b', value: 'x' })));
    expect(failure.statusCode).toBe(400);
  });

  test('a table can be deleted and is then not there', async () => {
    const table = await newTable('shortlived');
    await table.deleteTable();
    expect((await errorOf(table.getEntity('a', 'b'))).statusCode).toBe(404);
  });
});

describe('blobs and queues under the production name', () => {
  test('bytes come back as they were, whole, in part and by HEAD', async () => {
    const files = container('bytes');
    await files.create();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 7919) % 256));
    const blob = files.getBlockBlobClient(`${CUSTOMER}/a b/ü%25.json`);
    await blob.uploadData(bytes, { metadata: { tenant: 'x' } });
    expect((await blob.downloadToBuffer()).equals(bytes)).toBe(true);
    expect((await blob.downloadToBuffer(1000, 500)).equals(bytes.subarray(1000, 1500))).toBe(true);
    const properties = await blob.getProperties();
    expect(properties).toMatchObject({ contentLength: 300_000, metadata: { tenant: 'x' } });
    const names: string[] = [];
    for await (const item of files.listBlobsFlat()) names.push(item.name);
    expect(names).toEqual([`${CUSTOMER}/a b/ü%25.json`]);
  });

  test('an empty blob and a conditional write', async () => {
    const files = container('conditions');
    await files.create();
    const blob = files.getBlockBlobClient('state');
    await blob.upload('', 0);
    expect((await blob.downloadToBuffer()).length).toBe(0);
    const failure = await errorOf(blob.upload('x', 1, { conditions: { ifMatch: '"0x1"' } }));
    expect([failure.statusCode, failure.code]).toEqual([412, 'ConditionNotMet']);
    const lease = blob.getBlobLeaseClient();
    await lease.acquireLease(15);
    expect((await errorOf(blob.upload('x', 1))).code).toBe('LeaseIdMissing');
  });

  test('a message is sent, received, hidden and deleted', async () => {
    const queue = new QueueClient(`https://${ACCOUNT}.queue.core.windows.net/work-items`, credential('good'));
    await queue.create();
    await queue.sendMessage(Buffer.from('{"tenant":"ü"}').toString('base64'));
    const { receivedMessageItems } = await queue.receiveMessages({ visibilityTimeout: 60 });
    const [message] = receivedMessageItems;
    if (message === undefined) throw new Error('No message came back.');
    expect(Buffer.from(message.messageText, 'base64').toString()).toBe('{"tenant":"ü"}');
    expect((await queue.receiveMessages()).receivedMessageItems).toHaveLength(0);
    await queue.deleteMessage(message.messageId, message.popReceipt);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
  });
});

describe('who may come in', () => {
  test.each([
    ['a token nobody issued', 'forged', 401, 'InvalidAuthenticationInfo'],
    ['an expired token', 'expired', 401, 'InvalidAuthenticationInfo'],
    ['another tenant’s identity', 'other-tenant', 401, 'InvalidAuthenticationInfo'],
    ['an identity without a role', 'other-app', 403, 'AuthorizationPermissionMismatch'],
  ])('%s is refused by all three services', async (_title, token, status, code) => {
    const queue = new QueueClient(
      `https://${ACCOUNT}.queue.core.windows.net/secret`,
      credential(token),
      noRetry,
    );
    for (const failure of [
      await errorOf(tableNamed('secret', token).createTable()),
      await errorOf(container('secret', token).create()),
      await errorOf(queue.create()),
    ]) {
      expect([failure.statusCode, failure.code]).toEqual([status, code]);
    }
  });

  test('without a token the answer tells where to get one', async () => {
    const anonymous = new BlobServiceClient(`https://${ACCOUNT}.blob.core.windows.net`);
    const failure = await errorOf(anonymous.getContainerClient('secret').create());
    expect([failure.statusCode, failure.code]).toEqual([401, 'NoAuthenticationInformation']);
  });
});

describe('faults and counts', () => {
  test('a fault on one service is seen as Azure Storage’s own error, and only there', async () => {
    const table = await newTable('faulty');
    frame.faults.add({ service: 'table', status: 503, times: 1 });
    await container('unharmed').create();
    const failure = await errorOf(table.createEntity({ partitionKey: 'p', rowKey: 'r' }));
    expect([failure.statusCode, failure.code]).toEqual([503, 'ServerBusy']);
    await table.createEntity({ partitionKey: 'p', rowKey: 'r' });
  });

  test('the answer of a write can be lost although the write was done', async () => {
    const table = await newTable('lost');
    frame.faults.add({ service: 'table', method: 'POST', cut: 'answer', times: 1 });
    await errorOf(table.createEntity({ partitionKey: 'p', rowKey: 'r', n: 1 }));
    expect(await table.getEntity('p', 'r')).toMatchObject({ n: 1 });
  });

  test('operations are counted per service and tenant', async () => {
    const before = frame.log.callsTo(['table'], CUSTOMER);
    const table = await newTable('counted');
    await table.submitTransaction([['create', { partitionKey: CUSTOMER, rowKey: 'r' }]]);
    await errorOf(table.getEntity(CUSTOMER, 'nothing'));
    expect(frame.log.callsTo(['table'], CUSTOMER) - before).toBe(2);
    const queue = new QueueClient(`https://${ACCOUNT}.queue.core.windows.net/counted`, credential('good'));
    await queue.create();
    const message = JSON.stringify({ kind: 'head', tenant: CUSTOMER.toUpperCase() });
    await queue.sendMessage(Buffer.from(message).toString('base64'));
    expect(frame.log.callsTo(['queue'], CUSTOMER)).toBe(1);
  });
});
