import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Asked } from './answer.ts';
import { createGraph } from './graph.ts';
import { createBlobs, createTables } from './storage.ts';

/** Requests since the last reset, by kind; `rows` are those written. */
export interface Counts {
  graph: number;
  graphBytes: number;
  table: number;
  transactions: number;
  rows: number;
  blob: number;
  blobBytes: number;
}

/**
 * The servers of a bench in a process of their own, so that only the product is measured: Graph's lists and a storage
 * account, both as fast as they can be. Arguments: certificate file, key file. Tells its parent the port.
 */
const [certificate = '', key = ''] = process.argv.slice(2);
const noCounts = (): Counts => ({
  graph: 0,
  graphBytes: 0,
  table: 0,
  transactions: 0,
  rows: 0,
  blob: 0,
  blobBytes: 0,
});
let counts = noCounts();
const countRows = (rows: number): void => {
  counts.rows += rows;
};
const graph = createGraph();
let tables = createTables(countRows);
let blobs = createBlobs();

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
server.keepAliveTimeout = 600_000;
server.on('request', async (request, response) => {
  const url = new URL(request.url ?? '/', `https://${request.headers.host}`);
  const asked = { method: request.method ?? 'GET', url, headers: flat(request), body: await bodyOf(request) };
  const { status, headers = {}, body = '' } = answer(asked);
  const size = Buffer.byteLength(body);
  if (url.pathname.startsWith('/v1.0')) counts.graphBytes += size;
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-ms-request-id': '1',
    'x-ms-version': '2026-02-06',
    ...headers,
    'content-length': size,
  });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message !== 'counts') counts = noCounts();
  if (message === 'reset') {
    tables = createTables(countRows);
    blobs = createBlobs();
  }
  process.send?.(counts);
});

function answer(asked: Asked): ReturnType<typeof graph> {
  const { pathname } = asked.url;
  if (pathname.startsWith('/v1.0/')) {
    counts.graph++;
    return graph(asked);
  }
  if (pathname.startsWith('/table/')) {
    counts.table++;
    if (pathname.endsWith('/$batch')) counts.transactions++;
    return tables(asked);
  }
  counts.blob++;
  counts.blobBytes += asked.body.length;
  return blobs(asked);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function flat({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]));
}
