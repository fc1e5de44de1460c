import { PACE_LIMITS, type PaceFamily } from '../shared/clients/pace.ts';
import { type Day, playDay } from './day/play-day.ts';
import { count, dollars, dollarsOf, operationsIn, PRICE_NOTE, priceLines } from './day/storage-figures.ts';
import { BUSY, USUAL } from './day/traffic.ts';
import { mostWithin } from './day/upstream.ts';
import { type Bench, median, type Result } from './measure.ts';

const TENANTS = 1_000;
const INSTANCES = 2;
const HOURS = 24;
const INTERVAL_MS = 5 * 60_000;
/**
 * Calls for each app and tenant: https://learn.microsoft.com/graph/throttling-limits names a number for alerts and
 * none for incidents, which we count with them; https://learn.microsoft.com/defender-xdr/api-list-incidents.
 */
const QUOTAS = [
  { api: 'graph', name: 'Graph', calls: 150, ms: 60_000, span: 'minute' },
  { api: 'xdr', name: 'Defender XDR', calls: 50, ms: 60_000, span: 'minute' },
  { api: 'xdr', name: 'Defender XDR', calls: 1_500, ms: 3_600_000, span: 'hour' },
] as const;
const WHAT = `${count(TENANTS)} tenants for a day, virtual clock`;

/** A day of a thousand tenants: how late changes arrive, what the service is asked, what storage costs. */
export const tenantsDay: Bench = { name: 'day', run: measure };

async function measure(): Promise<Result[]> {
  const began = process.cpuUsage();
  const day = await playDay({ tenants: TENANTS, instances: INSTANCES, hours: HOURS });
  const { user, system } = process.cpuUsage(began);
  return [freshness(day, (user + system) / 1000), quota(day), storage(day)];
}

function freshness({ delays, gaps, outcomes }: Day, cpuMs: number): Result {
  const slowest = delays.reduce((a, b) => Math.max(a, b), 0);
  const longest = gaps.reduce((a, b) => Math.max(a, b), 0);
  const runs = [...outcomes.values()].reduce((a, b) => a + b, 0);
  const ends = [...outcomes].map(([outcome, times]) => `${count(times)} ${outcome}`).join(', ');
  return {
    what: `${WHAT}: freshness`,
    against: '',
    goal: `each fresh within 2 intervals of ${minutes(INTERVAL_MS)}`,
    value: `every change stored within ${minutes(slowest)}, a fresh run at least every ${minutes(longest)}`,
    met: Math.max(slowest, longest) <= 2 * INTERVAL_MS,
    detail: `all ${count(TENANTS)} added in the same minute with ${USUAL.before} incidents each, then ${USUAL.changes} changes each in the day; one in a hundred with ${count(BUSY.before)} and ${count(BUSY.changes)}. ${count(delays.length)} changes, half of them stored within ${minutes(median(delays))}; ${count(runs)} runs (${ends}) on ${INSTANCES} instances with host.json's queue settings; the service takes 0.4 s for a page, storage 5 to 15 ms. The real timer's schedule, sync and pace; the queue as the host polls it; the store in memory, under Azure's limits. ${(cpuMs / runs).toFixed(2)} ms CPU a run, model and store included.`,
  };
}

function quota({ calls, byApi }: Day): Result {
  const used = QUOTAS.map((quota) => ({ ...quota, most: mostWithin(quota.ms, byApi[quota.api], calls) }));
  const all = [...calls.values()].reduce((sum, { length }) => sum + length, 0);
  const paceOf = (family: PaceFamily): string =>
    PACE_LIMITS[family].map((pace) => `${count(pace.calls)} in ${pace.ms / 60_000} min`).join(' and ');
  return {
    what: `${WHAT}: quota`,
    against: `the documented quotas for each app and tenant: ${used.map(({ name, calls, span }) => `${name} ${count(calls)} per ${span}`).join(', ')}`,
    goal: 'never passed',
    value: `at most ${used.map(({ name, most, span }) => `${name} ${count(most)} per ${span}`).join(', ')}`,
    ratio: Math.max(...used.map(({ most, calls }) => most / calls)),
    met: used.every(({ most, calls }) => most <= calls),
    detail: `the most that any one tenant got in any 60 seconds or hour, from all instances together; on Graph incidents and alerts, though it documents a number for alerts only. The ratio is that of the quota used most. Each instance's own pace allows ${paceOf('graph.security')} on Graph, ${paceOf('xdr.incidents')} on the other. ${byApi.graph.length} tenants by Graph, ${byApi.xdr.length} by the Defender XDR API; ${count(all)} calls in all.`,
  };
}

function storage({ operations }: Day): Result {
  const total = dollarsOf(operations);
  return {
    what: `${WHAT}: storage`,
    against: '',
    goal: 'shown',
    value: `${count(operationsIn(operations))} operations, ${dollars(total)} a day`,
    met: true,
    detail: [
      `${dollars(((total / TENANTS) * 365) / 12)} a month for each tenant. ${PRICE_NOTE}`,
      ...priceLines(operations),
    ].join('\n'),
  };
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}
