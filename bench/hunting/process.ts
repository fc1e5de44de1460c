import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { createGraphHunting } from '../../shared/clients/graph-hunting.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { systemClock } from '../../shared/clock.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { readResult } from '../../shared/hunting/run/execute.ts';
import { createResult } from '../../shared/hunting/run/result.ts';
import type { StreamingBlobStore } from '../../shared/storage.ts';

/** What one reading of the answer cost; its own process each time. */
export interface Reading {
  readonly rows: number;
  readonly ms: number;
  readonly cpuMs: number;
  /** Largest resident size over that before. */
  readonly peakMiB: number;
}

const [kind, port, file = ''] = process.argv.slice(2);
/** As the product compresses. */
const LEVEL = 3;

function fetchAnswer(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest({ port, path: '/' }, resolve).on('error', reject).end();
  });
}

/** The least that it takes: fetch, parse, compress, write, one after the other. */
async function floor(): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of await fetchAnswer()) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const { results } = JSON.parse(body.toString()) as { results: unknown[] };
  await writeFile(file, await promisify(gzip)(body, { level: LEVEL }));
  return results.length;
}

/** A run's reading of its answer, from the client to the blob. */
async function ours(): Promise<number> {
  const out = createWriteStream(file);
  const blobs: Pick<StreamingBlobStore, 'create'> = {
    create: () => ({
      stage: (block) => new Promise((resolve) => out.write(block, () => resolve('id'))),
      commit: () => new Promise((resolve) => out.end(resolve)),
    }),
  };
  const httpClient: HttpClient = {
    sendRequest: async (request) => ({
      request,
      status: 200,
      headers: createHttpHeaders(),
      readableStreamBody: await fetchAnswer(),
    }),
  };
  const clock = systemClock;
  const transport = createTransport({
    getToken: async () => 'token',
    clock,
    version: '0',
    pace: createPace({ clock }),
    httpClient,
  });
  const result = createResult({ blobs, run: `${'0'.repeat(36)}_run`, holder: 'bench', parts: [] });
  const execution: Parameters<typeof readResult>[0] = {
    tenant: 'tenant',
    source: createGraphHunting({ transport, clock, cloud: CLOUDS.global }),
    clock,
    input: {
      text: 'T',
      check: { slicing: { possible: false, reason: 'A bench.' }, clockCalls: [] },
      parameters: {},
      maxRows: 1_000_000,
    },
    result,
    signal: new AbortController().signal,
    beganMs: clock.now(),
    turn: async () => {},
    onCall: () => {},
    onReceived: () => {},
    overBudget: () => false,
    progress: { columns: [], slices: [], parts: [] },
    afterSlice: async () => {},
  };
  await readResult(execution);
  await result.finish(execution.progress);
  return result.rows();
}

// What loading the modules left is collected first.
await sleep(200);
globalThis.gc?.();
const idle = process.memoryUsage().rss;
const cpuBefore = process.cpuUsage();
const began = performance.now();
const rows = await (kind === 'ours' ? ours() : floor());
const ms = performance.now() - began;
const { user, system } = process.cpuUsage(cpuBefore);
const peakMiB = (process.resourceUsage().maxRSS * 1024 - idle) / 2 ** 20;
console.log(JSON.stringify({ rows, ms, cpuMs: (user + system) / 1_000, peakMiB } satisfies Reading));
