import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runJob } from './jobs/job.ts';
import { type Bench, median, type Result } from './measure.ts';
import type { DataSet } from './stand-in/incidents.ts';
import { type Servers, startServers } from './stand-in/start.ts';

const ROUNDS = 3;
const INSTANCE_MIB = 512;
const GROWTH = 1.2;
/** As Node sizes its heap on an instance of 512 MB; on a large machine V8 collects so late that its garbage is measured. */
const SMALL_HEAP = ['--max-old-space-size=256', '--max-semi-space-size=2'];
const HUGE: DataSet = 'huge-12';

/** Peak memory of the product's process: many tenants with huge incidents at once, and a first load of many. */
export const memory: Bench = {
  name: 'memory',
  async run() {
    const servers = await startServers();
    try {
      return [await hugeIncidents(servers), await growth(servers)];
    } finally {
      await servers.stop();
    }
  },
};

async function hugeIncidents(servers: Servers): Promise<Result> {
  const tenants = await batchSize();
  const { peakMiB, incidents, ms } = await load(servers, HUGE, tenants);
  const { graph, graphBytes } = await servers.counts();
  return {
    what: `${tenants} tenants at once, incidents of 5 MB`,
    against: '',
    goal: `peak memory ≤ ${INSTANCE_MIB} MiB`,
    value: `${peakMiB.toFixed(0)} MiB`,
    met: peakMiB <= INSTANCE_MIB,
    detail: `${incidents} incidents, eight on a day in each tenant, ${(graphBytes / 1e9).toFixed(1)} GB in ${graph} API calls, ${(ms / 1000).toFixed(0)} s; the largest resident size of a fresh process, with Node's own heap settings on this machine; batchSize of host.json.`,
  };
}

async function growth(servers: Servers): Promise<Result> {
  const few: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    few.push((await load(servers, 'usual-1000', 1, SMALL_HEAP)).peakMiB);
  const many = await load(servers, 'usual-100000', 1, SMALL_HEAP);
  const small = median(few);
  const ratio = many.peakMiB / small;
  return {
    what: 'peak memory of a first load of 100,000 incidents',
    against: `the same of 1,000: ${small.toFixed(0)} MiB`,
    goal: `≤ ${GROWTH} ×`,
    value: `${many.peakMiB.toFixed(0)} MiB`,
    ratio,
    met: ratio <= GROWTH,
    detail: `largest resident size of fresh processes (median of ${ROUNDS} at 1,000) with the heap that Node takes on an instance of 512 MB (${SMALL_HEAP.join(' ')}): with gigabytes free V8 puts off collecting, and what is measured is its patience. ${(many.ms / 1000).toFixed(0)} s for the 100,000.`,
  };
}

async function load(servers: Servers, dataSet: DataSet, tenants: number, execArgv: readonly string[] = []) {
  const tenantIds = Array.from(
    { length: tenants },
    (_, n) => `22222222-2222-4222-8222-${String(n).padStart(12, '0')}`,
  );
  const cost = await runJob('first-load', servers, { addresses: servers.fast, dataSet, tenantIds }, execArgv);
  const expected = tenants * Number(dataSet.split('-')[1]);
  if (cost.incidents !== expected) throw new Error(`${cost.incidents} of ${expected} incidents were loaded`);
  return cost;
}

async function batchSize(): Promise<number> {
  const host = JSON.parse(await readFile(resolve(import.meta.dirname, '../host.json'), 'utf8'));
  return host.extensions.queues.batchSize;
}
