import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { builtApp } from '../../cli/commands/lab/built-app.ts';
import { startCloud } from '../../lab/cloud.ts';
import { createRandom, type Random } from '../../lab/defender/random.ts';
import { processEnvironment } from '../../lab/environment.ts';
import { faultsOf, isFreshSince } from './faults-of.ts';
import { type ForeignMessages, sendForeignMessages } from './foreign-messages.ts';
import { createInstances, type Instances } from './instances.ts';
import { hurryUntil, requests, type Stage } from './stage.ts';
import { createStoredReader } from './stored-tenant.ts';

export interface KillOptions {
  /** Processes to kill. */
  readonly kills: number;
  readonly seed: number;
  readonly tenants: number;
  /** Incidents that each tenant has at the beginning. */
  readonly incidents: number;
  /** How often the storage account goes away and comes back, with the processes at work. */
  readonly storageStops: number;
  readonly tell?: (line: string) => void;
}

export interface KillResult {
  readonly kills: number;
  readonly rounds: number;
  /** Rounds in which two processes ran, and those in which both were killed at once. */
  readonly twoAtOnce: number;
  readonly bothKilled: number;
  /** Kills while a run held a tenant's lease: in mid-sync. */
  readonly midSync: number;
  /** Kills before the last tenant's first load was done. */
  readonly midLoad: number;
  /** Times that storage was away, those of them before the last tenant's first load was done, and processes that ended of it. */
  readonly storageStops: number;
  readonly stopsMidLoad: number;
  readonly crashed: number;
  /** What came of messages that are not ours. */
  readonly foreign: ForeignMessages;
  /** Seconds of the app's time from a kill (not each one during the first load), or return of storage, until every tenant's head was fresh again; the last is the longest. */
  readonly freshAgainAfter: readonly number[];
  readonly changes: number;
  readonly incidents: number;
  readonly versions: number;
  readonly announced: number;
  /** Blobs of runs that died before their transaction: retention collects them. */
  readonly blobsWithoutRow: number;
  /** What the processes said of overtaken runs, refused runs and messages that were given up. */
  readonly told: Readonly<Record<string, number>>;
  /** Seconds of the machine's and of the app's time. */
  readonly seconds: number;
  readonly appSeconds: number;
  /** What was lost, doubled or wrong. */
  readonly faults: readonly string[];
}

/** A tenant is due each minute; an idle queue is looked at again soon. Both are settings of a deployment. */
const OFTEN = {
  OUTRIDER_INTERVAL_MINUTES: '1',
  AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.2',
  // What is proven here is the sync: the feed is to have its entries alone.
  'AzureWebJobs.enqueue-due-hunts.Disabled': 'true',
};
const MINUTE_MS = 60_000;
const HISTORY_DAYS = 20;
const STORAGE_AWAY_MS = 2_000;
const CHANGE_EVERY_MS = 250;
/** A kill comes after up to so many requests of a round: anywhere between a token and a few hundred writes. */
const MOST_REQUESTS = 250;
/** Of the kills, at the most: these come one after the other, before anybody is fresh, while the first load lasts. */
const SHARE_WITHOUT_REST = 0.6;
/** Of the app's time. A tenant that is not fresh by then never will be. */
const FRESH_WITHIN_MS = 30 * MINUTE_MS;
const END_WITHIN_MS = 4 * 60 * MINUTE_MS;

/**
 * Plays a first load that is killed again and again: the built app in processes of its own, in the lab's cloud, with
 * Azurite. The seed decides the incidents, their changes and after how many requests who is killed.
 */
export async function playKills(options: KillOptions): Promise<KillResult> {
  const app = await builtApp(() => undefined);
  let aheadMs = 0;
  const clock = { now: () => Date.now() + aheadMs };
  const keep = await mkdtemp(join(tmpdir(), 'outrider-kill-data-'));
  const { tenants: count, seed } = options;
  const cloud = await startCloud({
    tenants: count,
    seed,
    clock,
    ...(options.storageStops > 0 ? { keep } : {}),
  });
  const env = processEnvironment({ ...cloud.env, ...OFTEN }, process.env);
  const tenants = JSON.parse(env.OUTRIDER_TENANTS ?? '[]') as object[];
  env.OUTRIDER_TENANTS = JSON.stringify(tenants.map((tenant) => ({ ...tenant, api: 'graph' })));
  const instances = createInstances({ app, env });
  const advance = (ms: number): void => {
    aheadMs += ms;
    instances.moveTo(aheadMs);
  };
  try {
    return await play({ ...options, cloud, instances, clock, advance, reader: createStoredReader(cloud) });
  } finally {
    await instances.stopAll();
    await cloud.stop();
    await rm(keep, { recursive: true, force: true });
  }
}

interface Playing extends KillOptions, Stage {}

async function play(playing: Playing): Promise<KillResult> {
  const { cloud, instances, clock, kills, seed, tell = () => {} } = playing;
  const random = createRandom(seed).fork('kills');
  const began = { machine: Date.now(), app: clock.now() };
  for (const { id } of cloud.world.tenants)
    cloud.defender.tenant(id).generator.seedHistory(playing.incidents, HISTORY_DAYS);
  const changing = keepChanging(playing, random.fork('changes'));
  const count = {
    kills: 0,
    rounds: 0,
    twoAtOnce: 0,
    bothKilled: 0,
    midSync: 0,
    midLoad: 0,
    storageStops: 0,
    stopsMidLoad: 0,
    crashed: 0,
  };
  const freshAgainAfter: number[] = [];
  /** Until all are fresh again; while the first load lasts, only until all are at work again. */
  const recovered = async (what: string, sinceMs: number, loading: boolean): Promise<void> => {
    if (loading && count.kills <= kills * SHARE_WITHOUT_REST) {
      await untilTakenOver(playing);
      return tell(`${what}, in the middle of the first load`);
    }
    await hurryUntil(playing, FRESH_WITHIN_MS, `head is not fresh again after ${what}`, (state) =>
      isFreshSince({ state }, sinceMs),
    );
    const seconds = (clock.now() - sinceMs) / 1000;
    freshAgainAfter.push(seconds);
    tell(`${what}, fresh after ${seconds.toFixed(0)} s`);
  };
  while (count.kills < kills) {
    // Spread over the kills, the first one early: that is in the middle of the first load.
    if (
      count.storageStops < playing.storageStops &&
      count.kills * (playing.storageStops + 1) >= count.storageStops * kills
    ) {
      count.storageStops++;
      const backAt = await stopStorage(playing, random.int(1, MOST_REQUESTS));
      const loading = await isLoading(playing);
      if (loading) count.stopsMidLoad++;
      count.crashed += instances.crashed;
      await recovered('storage was away', backAt, loading);
    }
    count.rounds++;
    const two = count.rounds % 2 === 0;
    if (two) count.twoAtOnce++;
    await runProcesses(instances, two ? 2 : 1);
    // Two messages for each tenant where there are two processes to take them: they meet.
    for (const instance of instances.running) await instance.tick();
    await requests(cloud, random.int(1, MOST_REQUESTS));
    const both = two && random.chance(0.5) && count.kills + 1 < kills;
    const victims = both ? instances.running : [random.pick(instances.running)];
    await Promise.all(victims.map((victim) => victim.kill()));
    const killedAt = clock.now();
    if (both) count.bothKilled++;
    count.kills += victims.length;
    const states = await Promise.all(cloud.world.tenants.map(({ id }) => playing.reader.state(id)));
    if (states.some((state) => state?.lease)) count.midSync += victims.length;
    const loading = await isLoading(playing);
    if (loading) count.midLoad += victims.length;
    if (instances.running.length === 0) await instances.start();
    await recovered(`kill ${count.kills}: ${victims.length} of ${two ? 2 : 1}`, killedAt, loading);
  }
  const changes = changing.stop();
  await runProcesses(instances, 1);
  await untilQuiet(playing);
  const foreign = await sendForeignMessages(playing.reader, instances);
  const judged = await judge(playing);
  return {
    ...count,
    freshAgainAfter: freshAgainAfter.sort((a, b) => a - b),
    changes,
    foreign,
    ...judged,
    told: { ...instances.told },
    seconds: (Date.now() - began.machine) / 1000,
    appSeconds: (clock.now() - began.app) / 1000,
  };
}

/**
 * Storage goes away after so many requests, and comes back with all that it had.
 *
 * @returns when it is back
 */
async function stopStorage(playing: Playing, after: number): Promise<number> {
  const { cloud, instances, clock } = playing;
  await runProcesses(instances, 1);
  for (const instance of instances.running) await instance.tick();
  await requests(cloud, after);
  await cloud.azurite.stop();
  for (const instance of instances.running) await instance.tick();
  await wait(STORAGE_AWAY_MS);
  await cloud.azurite.start();
  return clock.now();
}

/** Until no tenant's lease is a dead run's any more: no later, so that the load is far from its end. */
async function untilTakenOver(playing: Playing): Promise<void> {
  const { cloud, reader } = playing;
  const states = await Promise.all(cloud.world.tenants.map(({ id }) => reader.state(id)));
  const deadUntilMs = Math.max(0, ...states.map((state) => state?.lease?.untilMs ?? 0));
  await hurryUntil(playing, FRESH_WITHIN_MS, 'nobody takes over from a dead run', (state) => {
    const leasedUntilMs = state?.lease?.untilMs;
    return leasedUntilMs === undefined || leasedUntilMs > deadUntilMs;
  });
}

async function isLoading({ cloud, reader }: Playing): Promise<boolean> {
  const states = await Promise.all(cloud.world.tenants.map(({ id }) => reader.state(id)));
  return states.some((state) => state?.firstLoad?.doneMs === undefined);
}

async function runProcesses(instances: Instances, wanted: number): Promise<void> {
  const missing = Math.max(0, wanted - instances.running.length);
  await Promise.all(Array.from({ length: missing }, () => instances.start()));
}

/** Incidents arrive, change, are merged and resolved all the while. */
function keepChanging({ cloud }: Playing, random: Random): { stop(): number } {
  let changes = 0;
  const timer = setInterval(() => {
    changes++;
    cloud.defender.tenant(random.pick(cloud.world.tenants).id).generator.step();
  }, CHANGE_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return changes;
    },
  };
}

/** Until all is loaded and a whole run has begun after the last change. */
async function untilQuiet(playing: Playing): Promise<void> {
  const lastChange = playing.clock.now();
  await hurryUntil(playing, END_WITHIN_MS, 'the first load does not end', (state) => {
    if (!state || state.lease || state.firstLoad?.doneMs === undefined) return false;
    if (state.stretches.length > 0 || state.pending.length > 0 || state.failure) return false;
    return state.lastRun?.more === false && state.lastRun.beganMs > lastChange;
  });
}

type Judged = Pick<KillResult, 'incidents' | 'versions' | 'announced' | 'blobsWithoutRow' | 'faults'>;

/** With no process left that could still write. */
async function judge({ cloud, instances, reader }: Playing): Promise<Judged> {
  await instances.stopAll();
  const sum = { incidents: 0, versions: 0, announced: 0, blobsWithoutRow: 0 };
  const faults: string[] = cloud.refused().map(({ target }) => `something tried to reach ${target}`);
  for (const { id } of cloud.world.tenants) {
    const live = cloud.defender.tenant(id);
    const stored = await reader.all(id);
    const keys = [...stored.rows.keys()];
    const versions = keys.filter((key) => key.startsWith('h|')).length;
    sum.incidents += stored.texts.size;
    sum.versions += versions;
    sum.announced += keys.filter((key) => key.startsWith('x|')).length;
    sum.blobsWithoutRow += stored.blobs.size - versions;
    faults.push(...faultsOf({ id, ids: () => live.listedIds('graph'), incident: live.get }, stored));
  }
  return { ...sum, faults };
}
