import { type Cost, runJob } from './jobs/job.ts';
import { type Bench, median, type Result } from './measure.ts';
import type { DataSet } from './stand-in/incidents.ts';
import type { Counts } from './stand-in/server.ts';
import { type Addresses, type Servers, startServers } from './stand-in/start.ts';

const ROUNDS = 7;
/** On Azurite a tenth: it takes several times as long as everything else together. */
const FAST: DataSet = 'usual-10000';
const WIRE: DataSet = 'usual-1000';
const GOAL = 1.25;

/** A first load, against the least that it can be and against what most people write first. */
export const firstLoad: Bench = {
  name: 'first-load',
  async run() {
    const servers = await startServers();
    try {
      const azurite = await servers.azurite();
      return [
        ...(await compare(servers, servers.fast, FAST, 'storage answered by a stand-in')),
        ...(await compare(servers, azurite, WIRE, 'storage is Azurite')),
      ];
    } finally {
      await servers.stop();
    }
  },
};

interface Round {
  readonly cost: Cost;
  readonly counts: Counts;
}

type Rounds = Record<'ours' | 'floor' | 'naive', Round[]>;

async function compare(
  servers: Servers,
  addresses: Addresses,
  dataSet: DataSet,
  storage: string,
): Promise<Result[]> {
  // How the product divides the rows is what the floor does too; on the stand-in, which counts.
  const sample = await play(servers, servers.fast, dataSet, 'first-load', 0);
  const { rows, transactions } = sample.counts;
  const perTransaction = Math.round(rows / transactions) - 1;
  const rounds: Rounds = { ours: [], floor: [], naive: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    rounds.floor.push(await play(servers, addresses, dataSet, 'floor', round, perTransaction));
    rounds.ours.push(await play(servers, addresses, dataSet, 'first-load', round));
    rounds.naive.push(await play(servers, addresses, dataSet, 'naive', round));
  }
  return results(rounds, sample.counts, dataSet, storage);
}

async function play(
  servers: Servers,
  addresses: Addresses,
  dataSet: DataSet,
  name: 'first-load' | 'floor' | 'naive',
  round: number,
  perTransaction?: number,
): Promise<Round> {
  // Another tenant each time: Azurite keeps what it has.
  const tenantIds = [`${String(round).padStart(8, '0')}-2222-4333-8444-555555555555`];
  const order = {
    addresses,
    dataSet,
    tenantIds,
    ...(perTransaction === undefined ? {} : { perTransaction }),
  };
  const cost = await runJob(name, servers, order);
  const expected = Number(dataSet.split('-')[1]);
  if (cost.incidents !== expected)
    throw new Error(`${name} loaded ${cost.incidents} of ${expected} incidents`);
  return { cost, counts: await servers.counts() };
}

function results(
  { ours, floor, naive }: Rounds,
  sample: Counts,
  dataSet: DataSet,
  storage: string,
): Result[] {
  const what = `first load of ${Number(dataSet.split('-')[1]).toLocaleString('en')} incidents, ${storage}`;
  const how = `medians of ${ROUNDS}, alternating, each in a fresh process; Graph answered by a stand-in in another one; the sources, quota of the pace lifted`;
  const value = secondsOf(ours);
  const floorRatio = msOf(ours) / msOf(floor);
  const naiveRatio = msOf(ours) / msOf(naive);
  return [
    {
      what,
      against: `bare floor: ${secondsOf(floor)}`,
      goal: `≤ ${GOAL} ×`,
      value,
      ratio: floorRatio,
      met: floorRatio <= GOAL,
      detail: `${how}; the floor has the same SDKs, rows, transactions, blobs and blobs at once, and fetches the next page while it writes. CPU of the process: ours ${cpuOf(ours)}, floor ${cpuOf(floor)}. Ours: ${countsOf(sample)}; floor: ${callsOf(floor)} API calls.`,
      reason: REASON,
    },
    {
      what: `${what}: the same by PageIterator`,
      against: `PageIterator with naive writes: ${secondsOf(naive)}`,
      goal: 'ahead',
      value,
      ratio: naiveRatio,
      met: naiveRatio < 1,
      detail: `${how}; one upsert a row, one blob each, uncompressed, the 50 incidents of a page all at once. CPU of the process: ours ${cpuOf(ours)}, PageIterator ${cpuOf(naive)}; ${callsOf(naive)} API calls, one row for each call to the table.`,
    },
  ];
}

const REASON =
  'a profile of both shows in the product alone: gzip (a tenth of its CPU time), the canonical form and its hash (a tenth), a second scan of each page that keeps the texts exact, and list calls for 30 incidents where the floor reads 50. Where other processes take the cores this CPU time shows; where they are free it hides behind the servers.';

const msOf = (rounds: readonly Round[]): number => median(rounds.map(({ cost }) => cost.ms));
const secondsOf = (rounds: readonly Round[]): string => `${(msOf(rounds) / 1000).toFixed(2)} s`;
const cpuOf = (rounds: readonly Round[]): string =>
  `${(median(rounds.map(({ cost }) => cost.cpuMs)) / 1000).toFixed(2)} s`;
const callsOf = (rounds: readonly Round[]): number => median(rounds.map(({ counts }) => counts.graph));

function countsOf({ graph, graphBytes, rows, transactions, blob, blobBytes }: Counts): string {
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  return `${graph} API calls (${mb(graphBytes)}), ${rows} rows in ${transactions} transactions, ${blob} blobs (${mb(blobBytes)})`;
}
