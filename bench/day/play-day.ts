import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseHostJson } from '../../lab/runner/host-json.ts';
import { enqueueDue } from '../../shared/incidents/schedule.ts';
import type { ApiFamily } from '../../shared/tenant.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import { createRandom } from '../../test/faults/random.ts';
import { createModelSource, type ModelSettings, received } from '../../test/support/model-source.ts';
import { tenantWith } from '../../test/support/tenant-with.ts';
import { createFreshness } from './freshness.ts';
import { startInstance } from './instance.ts';
import { noOperations, type Operations } from './operations.ts';
import { createQueue } from './queue.ts';
import { createTimedStore } from './store.ts';
import { fill, type LiveTenant, play } from './traffic.ts';
import { type CallLog, createUpstream } from './upstream.ts';
import { clockOf, createVirtualTime } from './virtual-time.ts';

const MINUTE_MS = 60_000;
/** Added at once in the morning; the day goes over midnight UTC, where the day's retention begins. */
const START = Date.parse('2026-03-02T07:30:00Z');
const SEED = 4;
const XDR_IS_ONE_IN = 7;
const API = {
  graph: { family: 'graph', maxTop: 50 },
  xdr: { family: 'xdr', maxTop: 100, answer: (incident) => ({ ...received(incident), family: 'xdr' }) },
} as const satisfies Record<ApiFamily, Omit<ModelSettings, 'now'>>;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

export interface Day {
  /** Milliseconds from each change upstream to the store. */
  readonly delays: readonly number[];
  /** Longest time of each tenant between two runs that made it fresh, in milliseconds. */
  readonly gaps: readonly number[];
  readonly calls: CallLog;
  /** Tenants by the API that they are read by. */
  readonly byApi: Readonly<Record<ApiFamily, readonly string[]>>;
  readonly operations: Operations;
  /** Runs by how they ended. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** So many tenants, added at once, through a day: timer, queue, instances, pace and sync as in production. */
export async function playDay(options: {
  readonly tenants: number;
  readonly instances: number;
  readonly hours: number;
}): Promise<Day> {
  const time = createVirtualTime(START);
  const random = createRandom(SEED);
  const clock = clockOf(time, () => random.below(1_000_000) / 1_000_000);
  const operations = noOperations();
  const freshness = createFreshness(time.now);
  const store = createTimedStore(time, operations, freshness.written);
  const live = Array.from({ length: options.tenants }, (_, n): LiveTenant => {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    return {
      id,
      model: createModelSource({ now: time.now, ...API[n % XDR_IS_ONE_IN === 0 ? 'xdr' : 'graph'] }),
    };
  });
  const tenants = createConfiguredTenants(
    live.map(({ id, model }) => ({ ...tenantWith({}, id), api: model.family })),
  );
  live.forEach((tenant, n) => {
    fill(tenant, n, START, random);
  });

  const { sender, queue } = createQueue(time, operations);
  const poison = createQueue(time, noOperations()).queue;
  const hostJson = await readFile(resolve(import.meta.dirname, '../../host.json'), 'utf8');
  const models = new Map(live.map(({ id, model }) => [id, model]));
  const calls: CallLog = new Map();
  const outcomes = new Map<string, number>();
  const freshAt = new Map(live.map(({ id }) => [id, [START]]));
  for (let n = 0; n < options.instances; n++) {
    const sourceFor = createUpstream(models, time, clock, calls);
    startInstance({
      time,
      queue,
      poison,
      options: parseHostJson(hostJson, {}).queues,
      sync: { tenants, sourceFor, ...store, queue: sender, clock, log: silent },
      onRun(tenant, outcome) {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (outcome === 'done' || outcome === 'more') freshAt.get(tenant)?.push(time.now());
      },
    });
  }
  void keepEnqueueing();
  void play(live, time, random, freshness);
  const end = START + options.hours * 60 * MINUTE_MS;
  await time.playUntil(end);
  const gaps = [...freshAt.values()].map((times) => longestGap([...times, end]));
  const readBy = (api: ApiFamily): string[] =>
    live.filter(({ model }) => model.family === api).map(({ id }) => id);
  const byApi = { graph: readBy('graph'), xdr: readBy('xdr') };
  return { delays: freshness.delays(), gaps, calls, byApi, operations, outcomes };

  /** The timer: every minute, from the start. */
  async function keepEnqueueing(): Promise<void> {
    for (let lastMs: number | undefined; ; ) {
      const nowMs = time.now();
      await enqueueDue({ tenants, queue: sender, log: silent }, { lastMs, nowMs });
      await time.wait(nowMs + MINUTE_MS - time.now());
      lastMs = nowMs;
    }
  }
}

function longestGap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)));
}
