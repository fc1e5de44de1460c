import { createKqlService } from '../shared/hunting/kql/service.ts';
import { createLibrarySource } from '../shared/hunting/library/shipped-library.ts';
import type { HuntingQuery } from '../shared/hunting/query.ts';
import { createPrepareQuery, type PrepareQuery } from '../shared/hunting/schedule/prepare.ts';
import { ASKED, type HuntDay, playHunts } from './day/play-hunts.ts';
import { count, dollars, dollarsOf, operationsIn, PRICE_NOTE, priceLines } from './day/storage-figures.ts';
import { mostWithin } from './day/upstream.ts';
import { type Bench, median, type Result } from './measure.ts';

const TENANTS = 1_000;
const QUERIES = 20;
const INSTANCES = 2;
const HOURS = 6;
/** At least so many calls a minute for each tenant: https://learn.microsoft.com/graph/api/resources/security-api-overview. */
const CALLS_A_MINUTE = 45;
const MINUTE_MS = 60_000;
const WHAT = `${count(TENANTS)} tenants × ${QUERIES} scheduled queries, ${HOURS} hours, virtual clock`;

/** Scheduled hunts of a thousand tenants: the quota, whether each query runs in time, what storage costs. */
export const huntsDay: Bench = { name: 'hunts', run: measure };

async function measure(): Promise<Result[]> {
  const { queries, prepare } = await someQueries();
  const began = process.cpuUsage();
  const day = await playHunts({ tenants: TENANTS, queries, prepare, instances: INSTANCES, hours: HOURS });
  const { user, system } = process.cpuUsage(began);
  return [quota(day), inTime(day, queries, (user + system) / 1000), storage(day)];
}

/** Queries that come with Outrider, evenly from all of them; each is checked once, before the clock begins. */
async function someQueries(): Promise<{
  readonly queries: readonly HuntingQuery[];
  readonly prepare: PrepareQuery;
}> {
  const { queries } = await createLibrarySource({ now: () => new Date() }).load();
  const scheduled = queries.filter(({ enabled, schedule }) => enabled && schedule !== undefined);
  const some = Array.from(
    { length: QUERIES },
    (_, n) => scheduled[Math.floor((n * scheduled.length) / QUERIES)],
  );
  const chosen = some.filter((query) => query !== undefined);
  const kql = createKqlService();
  try {
    const prepare = createPrepareQuery(kql);
    for (const query of chosen) await prepare(query);
    return { queries: chosen, prepare };
  } finally {
    await kql.close();
  }
}

function quota({ calls }: HuntDay): Result {
  const all = [...calls.values()].reduce((sum, { length }) => sum + length, 0);
  const most = mostWithin(MINUTE_MS, [...calls.keys()], calls);
  return {
    what: `${WHAT}: hunting quota`,
    against: `the documented quota of each tenant: ${CALLS_A_MINUTE} calls a minute`,
    goal: 'never passed',
    value: `at most ${count(most)} calls a minute`,
    ratio: most / CALLS_A_MINUTE,
    met: most <= CALLS_A_MINUTE,
    detail: `the most that any one tenant got in any 60 seconds, from ${INSTANCES} instances together, among ${count(all)} calls. All queries are due at once at the start; in one tenant of ${ASKED.oneIn}, somebody asks for ${ASKED.runs} runs at once half an hour later: more than the quota, so that it is felt.`,
  };
}

function inTime(
  { delays, gaps, merged, outcomes }: HuntDay,
  queries: readonly HuntingQuery[],
  cpuMs: number,
): Result {
  const periods = new Map(queries.map((query) => [query.id, periodOf(query)]));
  const shareOf = ({ query, ms }: { readonly query: string; readonly ms: number }): number =>
    ms / (periods.get(query) ?? 0);
  const late = delays.filter((delay) => shareOf(delay) > 1).length;
  const worst = delays.reduce((most, delay) => Math.max(most, shareOf(delay)), 0);
  const rarest = gaps.reduce((most, gap) => Math.max(most, shareOf(gap)), 0);
  const done = delays.filter((delay) => delay.done);
  const slowest = delays.reduce((a, { ms }) => Math.max(a, ms), 0);
  const runs = [...outcomes.values()].reduce((a, b) => a + b, 0);
  const ends = [...outcomes].map(([outcome, times]) => `${count(times)} ${outcome}`).join(', ');
  const every = [...Map.groupBy(periods.values(), (ms) => ms)]
    .sort(([a], [b]) => a - b)
    .map(([ms, { length }]) => `${length} every ${count(ms / MINUTE_MS)} min`)
    .join(', ');
  return {
    what: `${WHAT}: in time`,
    against: '',
    goal: 'every query run within its period',
    value: `${count(late)} of ${count(delays.length)} due times late; findings stored within ${(100 * worst).toFixed(0)} % of the period`,
    met: late === 0 && delays.length >= TENANTS * QUERIES,
    detail: `from each time that a query is due in a tenant to its findings stored, whole; ${count(delays.length - done.length)} were still within their period at the end. Half of them within ${minutes(median(done.map(({ ms }) => ms)))}, all within ${minutes(slowest)}: on purpose they begin apart. ${count(merged)} came while the query's run of just before was under way, as after the start, and are counted with that run. Between two runs of a query in a tenant are at most ${rarest.toFixed(2)} of its periods. ${QUERIES} of the queries that come with Outrider (${every}) on ${INSTANCES} instances with host.json's queue settings; messages of the hunting queue: ${ends}. The service takes 0.5 to 4.5 s and answers a quarter of the calls with up to three rows, a fifth of them never seen; storage takes 5 to 15 ms. The real check (once for each query), timer, schedule, run engine, quota and findings; queues as the host polls them; the store in memory, under Azure's limits. ${HOURS} hours instead of a day, for the sake of the bench's own time: ${(cpuMs / runs).toFixed(2)} ms CPU a run, models included.`,
  };
}

/** Calendars are not among the queries of this bench: theirs would be a day. */
function periodOf({ id, schedule }: HuntingQuery): number {
  const every = schedule?.every;
  if (every && 'minutes' in every) return every.minutes * MINUTE_MS;
  if (every) return 24 * 60 * MINUTE_MS;
  throw new Error(`query ${id} has no schedule`);
}

function storage({ operations, delays, outcomes }: HuntDay): Result {
  const total = dollarsOf(operations);
  const runs = ['succeeded', 'truncated', 'failed'].reduce((sum, end) => sum + (outcomes.get(end) ?? 0), 0);
  const all = operationsIn(operations);
  return {
    what: `${WHAT}: storage`,
    against: '',
    goal: 'shown',
    value: `${(all / runs).toFixed(1)} operations a run, ${dollars((1_000 * total) / runs)} for 1,000 runs`,
    met: true,
    detail: [
      `${count(all)} operations for ${count(runs)} runs of ${count(delays.length)} due times, everything included: queues, runs, quota, findings and their change feed. ${dollars(((total / TENANTS / HOURS) * 24 * 365) / 12)} a month for each tenant. ${PRICE_NOTE}`,
      ...priceLines(operations),
    ].join('\n'),
  };
}

function minutes(ms: number): string {
  return `${(ms / MINUTE_MS).toFixed(1)} min`;
}
