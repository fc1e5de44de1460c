import { expect, test } from 'vitest';
import { addAccountToBatch, dropAccountFromBatchAnswer } from '../../../lab/storage/table-batch.ts';

const HOST = 'https://acct.table.core.windows.net';

function batch(...parts: string[]): Buffer {
  const bodies = parts.map((part) => `--changeset_1\r\ncontent-type: application/http\r\n\r\n${part}\r\n`);
  return Buffer.from(
    `--batch_1\r\ncontent-type: multipart/mixed; boundary=changeset_1\r\n\r\n${bodies.join('')}--changeset_1--\r\n--batch_1--\r\n`,
  );
}

test('the account becomes the first segment of every address, and nothing else changes', () => {
  const sent = batch(
    `POST ${HOST}/rows HTTP/1.1\r\naccept: application/json\r\n\r\n{"v":"ü ${HOST}/rows HTTP/1.1"}`,
    `PATCH ${HOST}/rows(PartitionKey='a%2Fb',RowKey='%27%27') HTTP/1.1\r\nif-match: W/"x"\r\n\r\n{"v":1}`,
    `DELETE ${HOST}/rows(PartitionKey='a',RowKey='b') HTTP/1.1\r\n\r\n`,
  );
  const expected = sent
    .toString()
    .replace(`POST ${HOST}/rows`, `POST ${HOST}/acct/rows`)
    .replace(`PATCH ${HOST}/rows`, `PATCH ${HOST}/acct/rows`)
    .replace(`DELETE ${HOST}/rows`, `DELETE ${HOST}/acct/rows`);
  expect(addAccountToBatch(sent, 'acct').toString()).toBe(expected);
});

test('a stored text that reads like a request line stays as it is', () => {
  const value = JSON.stringify({ v: `x\r\nPUT ${HOST}/t HTTP/1.1\r\n` });
  const sent = batch(`POST ${HOST}/rows HTTP/1.1\r\n\r\n${value}`);
  expect(addAccountToBatch(sent, 'acct').toString()).toContain(value);
});

test('line separators go as escapes, which mean the same in JSON', () => {
  const value = { v: 'a\u2028b\u2029c\u202ad' };
  const sent = batch(`POST ${HOST}/rows HTTP/1.1\r\n\r\n${JSON.stringify(value)}`);
  const json = /\{.*\}/.exec(addAccountToBatch(sent, 'acct').toString())?.[0] ?? '';
  expect(json).not.toMatch(/[\u2028\u2029]/);
  expect(JSON.parse(json)).toEqual(value);
});

test('bytes that are no UTF-8 pass through', () => {
  const sent = Buffer.from([0xff, 0xfe, 0x00, 0xe2, 0x80, 0x41]);
  expect(addAccountToBatch(sent, 'acct').equals(sent)).toBe(true);
});

test('the answer’s addresses lose the segment again', () => {
  const answered = Buffer.from(
    `HTTP/1.1 204 No Content\r\nLocation: ${HOST}/acct/rows(PartitionKey='p',RowKey='r')\r\nDataServiceId: ${HOST}/acct/rows(PartitionKey='p',RowKey='r')\r\nETag: W/"1"\r\n\r\n{"v":"${HOST}/acct/x"}`,
  );
  expect(dropAccountFromBatchAnswer(answered, 'acct').toString()).toBe(
    `HTTP/1.1 204 No Content\r\nLocation: ${HOST}/rows(PartitionKey='p',RowKey='r')\r\nDataServiceId: ${HOST}/rows(PartitionKey='p',RowKey='r')\r\nETag: W/"1"\r\n\r\n{"v":"${HOST}/acct/x"}`,
  );
});
