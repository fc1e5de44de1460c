import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { msFromPadded } from '../../shared/time.ts';
import { advance, advanceToMorning } from '../e2e/moving-time.ts';
import { HOUR, MINUTE, type SyncedTenant, type SyncLab, startSyncLab } from '../e2e/sync-lab.ts';
import { createHost, type Host, TICK_MINUTES } from './host.ts';

const DEFENDER = ['graph', 'xdr'];
/** Two ticks and what a run takes. */
const FRESH_SECONDS = (2 * TICK_MINUTES + 1) * 60;
/** After the end of an outage: the longest wait between two attempts, and a tick. */
const RECOVERED_MINUTES = 30 + TICK_MINUTES;

let lab: SyncLab;
let host: Host;
let tenants: readonly SyncedTenant[];
beforeAll(async () => {
  advanceToMorning();
  lab = await startSyncLab({ tenants: 4 });
  lab.cloud.entra.settings.tokenLifetimeSeconds = 3_600;
  host = createHost(lab);
  tenants = lab.cloud.world.tenants.map(({ api }) => lab.tenant(api));
  for (const { live } of tenants) live.generator.seedHistory(4, 10);
  await host.pass(15);
  for (const { id } of tenants) expect((await host.status(id)).state).toBe('current');
});
afterEach(() => lab.calm());
afterAll(() => lab.stop());

const callsOf = (id: string): number => lab.cloud.log.callsTo(DEFENDER, id);

/** Something new in every tenant. */
function news(): void {
  for (const { live } of tenants) live.createIncident({ alerts: [{}] });
}

/** Everything is stored and nothing is announced twice, with nobody having asked for a run. */
async function expectRecovered(): Promise<void> {
  await host.pass(RECOVERED_MINUTES);
  for (const [place, tenant] of tenants.entries()) {
    const status = await host.status(tenant.id);
    expect(status).toMatchObject({ state: 'current', failing: undefined, nextAttempt: undefined });
    expect(status.freshnessSeconds).toBeLessThan(FRESH_SECONDS);
    await expectAllStored(tenant, lab.cloud.world.tenants[place]?.api);
    const feed = (await tenant.feed()).map(({ id, version }) => `${id} ${version}`);
    expect(new Set(feed).size).toBe(feed.length);
  }
}

/** Every listed incident is stored as it is, or (its text being of another shape there) with its last update. */
async function expectAllStored(tenant: SyncedTenant, api: 'graph' | 'xdr' | undefined): Promise<void> {
  if (api === 'graph') return tenant.expectSame();
  const listed = tenant.live.listedIds('xdr');
  expect((await host.status(tenant.id)).incidents).toBe(listed.length);
  for (const id of listed) {
    const stored = await tenant.record(id);
    expect(stored && msFromPadded(stored.lastUpdate)).toBe(
      Date.parse(tenant.live.get(id)?.lastUpdateDateTime ?? ''),
    );
  }
}

describe('every API answers 429 to everything for an hour', () => {
  test.each([
    ['with Retry-After', { retryAfter: 120 }, 10],
    ['without', {}, 45],
  ])('%s: nobody hammers, and everybody catches up', async (_how, more, mostCalls) => {
    const before = tenants.map(({ id }) => callsOf(id));
    news();
    for (const service of DEFENDER) lab.cloud.faults.add({ service, status: 429, ...more });
    await host.pass(60);
    for (const [place, { id }] of tenants.entries()) {
      const { state, failing, nextAttempt } = await host.status(id);
      expect(state).toBe('failing');
      expect(failing).toMatchObject({ code: 'upstream.throttled', text: expect.stringContaining(id) });
      expect(Date.parse(nextAttempt ?? '')).toBeGreaterThan(Date.now() - 5 * MINUTE);
      const calls = callsOf(id) - (before[place] ?? 0);
      expect(calls).toBeGreaterThan(2);
      expect(calls).toBeLessThanOrEqual(mostCalls);
    }
    news();
    lab.cloud.faults.clear();
    await expectRecovered();
  });
});

test('500 to one tenant of each API for an hour: the others stay fresh, these say why and recover by themselves', async () => {
  const sick = ['graph', 'xdr'].map((api) => {
    const id = lab.cloud.world.tenants.find((tenant) => tenant.api === api)?.id ?? '';
    lab.cloud.faults.add({ service: api, tenant: id, status: 500, retryAfter: 0 });
    return { id, calls: callsOf(id) };
  });
  const isSick = (tenant: string): boolean => sick.some(({ id }) => id === tenant);
  const ages: number[] = [];
  await host.pass(60, async () => {
    news();
    for (const { id } of tenants) {
      const { state, freshnessSeconds = Number.POSITIVE_INFINITY } = await host.status(id);
      expect(state).toBe(isSick(id) ? 'failing' : 'current');
      if (!isSick(id)) ages.push(freshnessSeconds);
    }
  });
  expect(ages.length).toBeGreaterThanOrEqual(8);
  expect(Math.max(...ages)).toBeLessThan(FRESH_SECONDS);
  for (const { id, calls } of sick) {
    const { failing, freshnessSeconds, incidents } = await host.status(id);
    expect(failing).toMatchObject({ code: 'upstream.unavailable', text: expect.stringContaining(id) });
    expect(failing?.runs).toBeGreaterThan(2);
    expect(freshnessSeconds).toBeGreaterThan(3_000);
    expect(incidents).toBeGreaterThan(3);
    expect(callsOf(id) - calls).toBeLessThan(100);
  }
  lab.cloud.faults.clear();
  await expectRecovered();
});

/** Passes time until the tenants have signed in again: what follows finds tokens with most of their life before them. */
async function untilTokensAreNew(): Promise<void> {
  const signIns = (): number => lab.cloud.log.callsTo(['entra']);
  const before = signIns();
  for (let minutes = 0; signIns() === before && minutes < 90; minutes += TICK_MINUTES) {
    await host.pass(TICK_MINUTES);
  }
  expect(signIns()).toBeGreaterThan(before);
}

test('sign-in is down for twice the life of a token: good tokens go on, then it is the tenants’ state, and it passes', async () => {
  await untilTokensAreNew();
  lab.cloud.faults.add({ service: 'entra', status: 503 });
  const began = Date.now();
  const asked = lab.cloud.log.callsTo(['entra']);
  const lastFresh = new Map<string, number>();
  await host.pass(120, async () => {
    news();
    for (const { id } of tenants) {
      const { state, failing } = await host.status(id);
      if (state === 'current') lastFresh.set(id, Date.now() - began);
      else expect(failing).toMatchObject({ code: 'auth.unavailable', text: expect.stringContaining(id) });
    }
  });
  for (const { id } of tenants) {
    // A token lives an hour, and was new when the trouble began.
    expect(lastFresh.get(id)).toBeGreaterThan(0);
    expect(lastFresh.get(id)).toBeLessThanOrEqual(HOUR);
    expect((await host.status(id)).state).toBe('failing');
  }
  expect(Math.max(...lastFresh.values())).toBeGreaterThan(20 * MINUTE);
  expect(lab.cloud.log.callsTo(['entra']) - asked).toBeLessThan(60 * tenants.length);
  const [tenant] = tenants;
  const [stored] = (await tenant?.feed()) ?? [];
  expect(await tenant?.source(stored?.id ?? '')).toContain(`"id":"${stored?.id}"`);
  lab.cloud.faults.clear();
  await expectRecovered();
});

test('the managed identity is away for longer than its token lives: nothing is lost', async () => {
  const [tenant] = tenants;
  if (!tenant) throw new Error('no tenant');
  lab.cloud.identity.setFault({ down: true });
  news();
  advance(25 * HOUR);
  await expect(tenant.run()).rejects.toMatchObject({ code: 'auth.managed_identity_unavailable' });
  lab.cloud.identity.setFault();
  await expectRecovered();
});
