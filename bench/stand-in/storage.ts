import type { Answer, Asked } from './answer.ts';

interface Row {
  readonly etag: string;
  readonly json: string;
}

/** One write: of a row by itself, or as a part of a transaction. */
interface Operation {
  readonly method: string;
  readonly partition: string;
  readonly key: string;
  /** The ETag that it names, if any. */
  readonly condition: string | undefined;
  readonly json: string;
}

const PART = /(POST|PUT|MERGE|PATCH|DELETE) (\S+) HTTP\/1\.1\r\n([\s\S]*?)\r\n\r\n([\s\S]*)/;
const KEYS = /PartitionKey='([^']*)',RowKey='([^']*)'/;
const RANGE = /PartitionKey eq '([^']*)' and RowKey ge '([^']*)' and RowKey lt '([^']*)'/;
const REFUSED = '{"odata.error":{"code":"UpdateConditionNotSatisfied","message":{"value":"changed"}}}';

/**
 * What of Azure Table storage the sync and its floors use: rows in memory, ETags, transactions, ranges.
 *
 * @param onWrite told how many rows each request asks to write
 */
export function createTables(onWrite: (rows: number) => void): (asked: Asked) => Answer {
  const partitions = new Map<string, Map<string, Row>>();
  let nextEtag = 1;

  function rowsOf(partition: string): Map<string, Row> {
    const found = partitions.get(partition) ?? new Map<string, Row>();
    partitions.set(partition, found);
    return found;
  }

  function isRefused({ method, partition, key, condition }: Operation): boolean {
    const before = rowsOf(partition).get(key);
    if (method === 'POST') return before !== undefined;
    return condition !== undefined && condition !== '*' && condition !== before?.etag;
  }

  /** The row's new ETag. */
  function apply({ method, partition, key, json }: Operation): string {
    const etag = `W/"${nextEtag++}"`;
    if (method === 'DELETE') rowsOf(partition).delete(key);
    else rowsOf(partition).set(key, { etag, json });
    return etag;
  }

  function transaction({ body }: Asked): Answer {
    const operations = operationsIn(body.toString());
    onWrite(operations.length);
    const parts = operations.some(isRefused)
      ? [`HTTP/1.1 412 Precondition Failed\r\n\r\n${REFUSED}`]
      : operations.map((operation) => `HTTP/1.1 204 No Content\r\nETag: ${apply(operation)}\r\n\r\n`);
    const answers = parts.map((part) => `--changesetresponse_1\r\n${part}\r\n`).join('');
    const headers = { 'content-type': 'multipart/mixed; boundary=batchresponse_1' };
    return { status: 202, headers, body: `${answers}--changesetresponse_1--` };
  }

  function single(method: string, { url, headers, body }: Asked): Answer {
    const text = body.toString();
    const operation = { ...keysOf(url.pathname, text), method, condition: headers['if-match'], json: text };
    onWrite(1);
    if (isRefused(operation)) return { status: 412, body: REFUSED };
    return { status: 204, headers: { etag: apply(operation) } };
  }

  function range(filter: string): Answer {
    const [, name = '', from = '', to = ''] = RANGE.exec(filter) ?? [];
    const rows = rowsOf(name);
    const keys = [...rows.keys()].filter((key) => key >= from && key < to).sort();
    return json(`{"value":[${keys.map((key) => rows.get(key)?.json).join(',')}]}`);
  }

  return (asked) => {
    const { method, url } = asked;
    if (url.pathname.endsWith('/$batch')) return transaction(asked);
    if (url.pathname.endsWith('/Tables')) return { status: 204 };
    if (method !== 'GET') return single(method, asked);
    const [, partition = '', key] = KEYS.exec(decodeURIComponent(url.pathname)) ?? [];
    if (key === undefined) return range(url.searchParams.get('$filter') ?? '');
    const row = rowsOf(partition).get(key);
    if (!row) return { status: 404 };
    return json(`{"odata.etag":${JSON.stringify(row.etag)},${row.json.slice(1)}`, { etag: row.etag });
  };
}

function operationsIn(batch: string): Operation[] {
  return batch.split(/--changeset_[^\r\n]+/).flatMap((part) => {
    const [, method, target = '', head = '', body = ''] = PART.exec(part) ?? [];
    if (method === undefined) return [];
    const json = body.trim();
    const condition = /^if-match: (.*)$/im.exec(head)?.[1];
    return [{ ...keysOf(target, json), method, condition, json }];
  });
}

/** From the address or, for an insert, from the row itself. */
function keysOf(target: string, json: string): { readonly partition: string; readonly key: string } {
  const [, partition, key] = KEYS.exec(decodeURIComponent(target)) ?? [];
  if (partition !== undefined && key !== undefined) return { partition, key };
  const { PartitionKey, RowKey } = JSON.parse(json) as { PartitionKey: string; RowKey: string };
  return { partition: PartitionKey, key: RowKey };
}

/** Blob storage that takes everything, and keeps it where there is room. */
export function createBlobs(): (asked: Asked) => Answer {
  const blobs = new Map<string, Buffer>();
  return ({ method, url, body }) => {
    const name = decodeURIComponent(url.pathname);
    if (method === 'PUT') {
      if (body.length < 1_000_000) blobs.set(name, body);
      return { status: 201, headers: { etag: '"1"', 'last-modified': new Date().toUTCString() } };
    }
    const found = blobs.get(name);
    return found ? { status: 200, body: found, headers: { etag: '"1"' } } : { status: 404 };
  };
}

function json(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json;odata=minimalmetadata', ...headers },
    body,
  };
}
