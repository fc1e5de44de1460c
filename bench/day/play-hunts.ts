import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseHostJson } from '../../lab/runner/host-json.ts';
import type { HuntingQuery } from '../../shared/hunting/query.ts';
import { createQuota } from '../../shared/hunting/quota/stored-quota.ts';
import { requestHunt } from '../../shared/hunting/run/request.ts';
import { enqueueDueHunts } from '../../shared/hunting/schedule/enqueue.ts';
import type { PrepareQuery } from '../../shared/hunting/schedule/prepare.ts';
import { runHuntAndSettle } from '../../shared/hunting/schedule/run-and-settle.ts';
import { runScheduledHunt } from '../../shared/hunting/schedule/run-scheduled.ts';
import { createFeedWriter } from '../../shared/incidents/append-to-feed.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import { createTicks } from '../../shared/ticks.ts';
import { createRandom } from '../../test/faults/random.ts';
import { tenantWith } from '../../test/support/tenant-with.ts';
import { createDues, type Delay, type Gap } from './dues.ts';
import { createHuntUpstream } from './hunt-upstream.ts';
import { listen } from './instance.ts';
import { noOperations, type Operations } from './operations.ts';
import { createQueue } from './queue.ts';
import { createTimedStore } from './store.ts';
import type { CallLog } from './upstream.ts';
import { clockOf, createVirtualTime, type VirtualTime } from './virtual-time.ts';

const MINUTE_MS = 60_000;
/** The day goes over midnight UTC, where findings are swept. */
const START = Date.parse('2026-03-02T20:30:30Z');
const SEED = 5;
/** In one tenant of so many, analysts ask for many runs at once, half an hour after the start. */
export const ASKED = { oneIn: 100, runs: 120, afterMs: 30 * MINUTE_MS } as const;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

export interface HuntDay {
  /** One for each due time of a query in a tenant. */
  readonly delays: readonly Delay[];
  /** One for each query in each tenant. */
  readonly gaps: readonly Gap[];
  /** Due times that came while the query's run was under way. */
  readonly merged: number;
  readonly calls: CallLog;
  readonly operations: Operations;
  /** Messages of the hunting queue by what became of them; `thrown` are tried again. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/**
 * So many tenants and queries through hours of a day: timer, both queues, instances, run engine, quota and findings as
 * in production; the service and storage are models that take their time.
 *
 * @param prepare must have everything at hand: virtual time does not wait for a worker
 */
export async function playHunts(options: {
  readonly tenants: number;
  readonly queries: readonly HuntingQuery[];
  readonly prepare: PrepareQuery;
  readonly instances: number;
  readonly hours: number;
}): Promise<HuntDay> {
  const { queries, prepare } = options;
  const time = createVirtualTime(START);
  const random = createRandom(SEED);
  const clock = clockOf(time, () => random.below(1_000_000) / 1_000_000);
  const operations = noOperations();
  const dues = createDues(time.now);
  const incidents = createTimedStore(time, operations, dues.written);
  const runs = createTimedStore(time, operations, () => {});
  const queues = { hunts: queueIn(time, operations), schedule: queueIn(time, operations) };
  const ids = Array.from(
    { length: options.tenants },
    (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  );
  const tenants = createConfiguredTenants(ids.map((id) => tenantWith({}, id)));
  const calls: CallLog = new Map();
  let merged = 0;
  const outcomes = new Map<string, number>();
  const source = createHuntUpstream({ queries, time, random, calls });
  const hostJson = await readFile(resolve(import.meta.dirname, '../../host.json'), 'utf8');
  const requesting = { ...runs, queue: queues.hunts.sender, clock };

  for (let n = 0; n < options.instances; n++) {
    const dependencies = {
      ...requesting,
      tenants,
      queries: async () => queries,
      prepare,
      findings: { ...incidents, feed: createFeedWriter({ table: incidents.table, clock }) },
      sourceFor: () => source,
      quota: createQuota({ table: runs.table, clock, holder: `instance-${n}` }),
      log: silent,
    };
    const at = { time, options: parseHostJson(hostJson, {}).queues, random: clock.random };
    listen({
      ...at,
      ...queues.schedule,
      name: 'run-scheduled-hunt',
      queueName: 'outrider-scheduled-hunts',
      async handle(message) {
        if ((await runScheduledHunt(dependencies, message)) !== 'busy') return;
        merged += 1;
        dues.merged(String(message));
      },
    });
    listen({
      ...at,
      ...queues.hunts,
      name: 'run-hunt',
      queueName: 'outrider-hunts',
      handle: (message) => counted(outcomes, () => runHuntAndSettle(dependencies, message)),
    });
  }
  void keepEnqueueing();
  void askForMany();
  await time.playUntil(START + options.hours * 60 * MINUTE_MS);
  return { delays: dues.delays(), gaps: dues.gaps(), merged, calls, operations, outcomes };

  /** The timer: every minute, from the start. */
  async function keepEnqueueing(): Promise<void> {
    const tick = createTicks(enqueueDueHunts);
    const { send } = queues.schedule.sender;
    const queue = {
      send: (text: string, more: Parameters<typeof send>[1]) => {
        dues.sent(text);
        return send(text, more);
      },
    };
    for (let lastMs: number | undefined; ; ) {
      const nowMs = time.now();
      await tick({ tenants, queries: async () => queries, queue, log: silent }, { lastMs, nowMs });
      await time.wait(nowMs + MINUTE_MS - time.now());
      lastMs = nowMs;
    }
  }

  /** More than a minute's quota: what is scheduled meanwhile has to get through. */
  async function askForMany(): Promise<void> {
    await time.wait(ASKED.afterMs);
    for (let n = 0; n < ids.length; n += ASKED.oneIn) await askIn(ids[n] ?? '');
  }

  async function askIn(tenant: string): Promise<void> {
    for (let run = 0; run < ASKED.runs; run++) {
      const query = random.pick(queries);
      const { text, check } = await prepare(query);
      await requestHunt(requesting, { tenant, text, check, origin: 'adhoc', askedBy: 'analyst' });
    }
  }
}

function queueIn(time: VirtualTime, operations: Operations) {
  return { ...createQueue(time, operations), poison: createQueue(time, noOperations()).queue };
}

async function counted(outcomes: Map<string, number>, work: () => Promise<string>): Promise<void> {
  let outcome = 'thrown';
  try {
    outcome = await work();
  } finally {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
}
