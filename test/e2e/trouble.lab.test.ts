import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createOutrider } from '../../shared/app.ts';
import { advance, advanceToMorning, hurriedClock } from './moving-time.ts';
import { HOUR, MINUTE, type SyncedTenant, type SyncLab, startSyncLab } from './sync-lab.ts';

let lab: SyncLab;
beforeAll(async () => {
  advanceToMorning();
  lab = await startSyncLab({ tenants: 44 });
});
afterEach(() => lab.calm());
afterAll(() => lab.stop());

async function loaded(api: 'graph' | 'xdr' = 'graph'): Promise<SyncedTenant> {
  const tenant = lab.tenant(api);
  tenant.live.generator.seedHistory(3, 20);
  advance(HOUR);
  await tenant.settle();
  return tenant;
}

const callsOf = (requests: Awaited<ReturnType<SyncedTenant['requestsOf']>>, service: string): number =>
  requests.filter((request) => request.service === service).length;

/** The feed names each version once, in the order of its sequence numbers. */
async function expectEachOnce(tenant: SyncedTenant, versions: number): Promise<void> {
  const feed = await tenant.feed();
  expect(new Set(feed.map(({ id, version }) => `${id} ${version}`)).size).toBe(versions);
  expect(feed).toHaveLength(versions);
}

const eventsOf = (tenant: SyncedTenant, name: string) =>
  lab.events.filter(({ event, fields }) => event === name && fields.tenant === tenant.id);

describe('a run that ends in the middle', () => {
  test('of a first load: the next one goes on from there, and reads nothing twice', async () => {
    const tenant = lab.tenant();
    tenant.live.generator.seedHistory(60, 29);
    advance(HOUR);
    lab.cloud.faults.add({ service: 'graph', tenant: tenant.id, after: 4, times: 1, status: 403 });
    const { failure, stretches, counts } = await tenant.run();
    expect(failure?.code).toBe('upstream.forbidden');
    expect(counts.incidents).toBeGreaterThan(0);
    expect(counts.incidents).toBeLessThan(60);
    const [stretch] = stretches;
    expect(stretch && stretch.to < stretch.began).toBe(true);
    advance(HOUR);
    const requests = await tenant.requestsOf(() => tenant.settle());
    const upper = requests.flatMap(({ path }) => /lastUpdateDateTime%20lt%20(\S+?)&/.exec(path)?.[1] ?? []);
    expect(upper.length).toBeGreaterThan(1);
    expect(upper.every((to) => stretch && decodeURIComponent(to) <= stretch.to)).toBe(true);
    await tenant.expectSame();
    expect((await tenant.state()).counts).toMatchObject({ incidents: 60, versions: 60 });
    expect(await tenant.feed()).toEqual([]);
  });

  test('of a first load, by storage: what is stored and where to go on were stored together', async () => {
    const tenant = lab.tenant();
    tenant.live.generator.seedHistory(60, 29);
    advance(HOUR);
    lab.cloud.faults.add({ service: 'blob', tenant: tenant.id, method: 'PUT', after: 25, status: 403 });
    await expect(tenant.run()).rejects.toMatchObject({ code: 'storage.refused' });
    lab.calm();
    const [stretch] = (await tenant.state()).stretches;
    const stored = await Promise.all(tenant.live.listedIds('graph').map((id) => tenant.record(id)));
    const times = stored.flatMap((record) => (record ? [record.lastUpdate] : []));
    expect(times.length).toBeGreaterThan(0);
    expect(times.length).toBeLessThan(60);
    expect(times.every((time) => stretch && time >= stretch.to)).toBe(true);
    advance(HOUR);
    await tenant.settle();
    await tenant.expectSame();
    expect((await tenant.state()).counts).toMatchObject({ incidents: 60, versions: 60 });
  });

  test('of a forward pass: the watermark stays, and nothing is lost or announced twice', async () => {
    const tenant = await loaded();
    const { head } = await tenant.state();
    for (let n = 0; n < 52; n++) tenant.live.createIncident();
    advance(2_000);
    lab.cloud.faults.add({ service: 'graph', tenant: tenant.id, path: '$skip', times: 1, status: 403 });
    const { failure, head: after } = await tenant.run();
    expect(failure?.code).toBe('upstream.forbidden');
    expect(after).toEqual(head);
    advance(HOUR);
    await tenant.settle();
    await tenant.expectSame();
    await expectEachOnce(tenant, 52);
  });

  test.each([
    ['the connection is cut', { service: 'graph', cut: 'body' }],
    ['the service is down for a moment', { service: 'graph', status: 503 }],
    ['a transaction took effect and its answer is lost', { service: 'table', method: 'POST', cut: 'answer' }],
  ])('does not end when %s once', async (_what, fault) => {
    const tenant = await loaded();
    tenant.live.createIncident({ alerts: [{}] });
    advance(MINUTE);
    lab.cloud.faults.add({ ...fault, tenant: tenant.id, times: 1 });
    const { failure } = await tenant.run();
    expect(lab.cloud.faults.list()).toMatchObject([{ struck: 1 }]);
    expect(failure).toBeUndefined();
    expect(eventsOf(tenant, 'sync.fenced')).toEqual([]);
    await tenant.expectSame();
    await expectEachOnce(tenant, 1);
  });
});

describe('two runs at once', () => {
  test.each(['a first load', 'what is new'])('bring each version of %s once', async (what) => {
    const tenant = what === 'what is new' ? await loaded() : lab.tenant();
    const other = createOutrider(lab.outrider.config, hurriedClock);
    for (let n = 0; n < 25; n++) tenant.live.createIncident({ displayName: `${n}` });
    advance(MINUTE);
    const message = { v: 1, tenant: tenant.id };
    await Promise.all([tenant.run(), other.syncFromMessage(lab.log, message)]);
    await tenant.settle();
    await tenant.expectSame();
    await expectEachOnce(tenant, 25);
    const { counts, nextSequence } = await tenant.state();
    expect(counts.versions).toBe(nextSequence - 1);
  });
});

describe('a run that was frozen', () => {
  test('writes nothing over what a newer one has written, and starts again from that', async () => {
    const tenant = await loaded();
    const other = createOutrider(lab.outrider.config, hurriedClock);
    let thaw = (): void => {};
    const thawed = new Promise<void>((resolve) => {
      thaw = resolve;
    });
    let frozen = (): void => {};
    const isFrozen = new Promise<void>((resolve) => {
      frozen = resolve;
    });
    let lists = 0;
    lab.cloud.defender.settings.beforeListRead = ({ collection }) => {
      if (collection !== 'incidents' || lists++ > 0) return undefined;
      frozen();
      return thawed;
    };
    const slow = lab.outrider.syncFromMessage(lab.log, { v: 1, tenant: tenant.id });
    await isFrozen;
    tenant.live.createIncident({ displayName: 'Stored by the newer run' });
    advance(2_000);
    await other.syncFromMessage(lab.log, { v: 1, tenant: tenant.id });
    tenant.live.createIncident({ displayName: 'Seen first by the frozen one' });
    advance(2_000);
    thaw();
    await slow;
    expect(eventsOf(tenant, 'sync.fenced').length).toBeGreaterThan(0);
    await tenant.expectSame();
    await expectEachOnce(tenant, 2);
    const { counts, nextSequence } = await tenant.state();
    expect(counts.versions).toBe(nextSequence - 1);
  });
});

describe('throttling', () => {
  test('is recorded with the next attempt’s time; another tenant stays fresh', async () => {
    const [busy, other] = [await loaded(), await loaded()];
    for (const { live } of [busy, other]) live.createIncident();
    advance(MINUTE);
    lab.cloud.faults.add({ service: 'graph', tenant: busy.id, status: 429, retryAfter: 420 });
    const asked = await busy.requestsOf(() => busy.run());
    expect(callsOf(asked, 'graph')).toBe(1);
    const { failure, nextAttemptMs = 0 } = await busy.state();
    expect(failure).toMatchObject({ code: 'upstream.throttled', count: 1 });
    expect((nextAttemptMs - Date.now()) / 1_000).toBeGreaterThan(400);
    expect((nextAttemptMs - Date.now()) / 1_000).toBeLessThanOrEqual(420);
    await other.run();
    await other.expectSame();
    lab.calm();
    expect(callsOf(await busy.requestsOf(() => busy.run()), 'graph')).toBe(0);
    advance(421_000);
    await busy.run();
    expect((await busy.state()).failure).toBeUndefined();
    await busy.expectSame();
  });

  test('for a moment is waited out', async () => {
    const tenant = await loaded();
    tenant.live.createIncident();
    advance(MINUTE);
    lab.cloud.faults.add({ service: 'graph', tenant: tenant.id, status: 429, retryAfter: 3, times: 1 });
    const began = Date.now();
    await tenant.run();
    expect(Date.now() - began).toBeGreaterThanOrEqual(3_000);
    expect((await tenant.state()).failure).toBeUndefined();
    await tenant.expectSame();
  });
});

describe('sign-in', () => {
  test('a token refused in mid-life is replaced, once', async () => {
    const tenant = await loaded();
    tenant.live.createIncident();
    advance(MINUTE);
    lab.cloud.faults.add({ service: 'graph', tenant: tenant.id, status: 401, times: 1 });
    const requests = await tenant.requestsOf(() => tenant.run());
    expect(callsOf(requests, 'entra')).toBe(1);
    expect((await tenant.state()).failure).toBeUndefined();
    await tenant.expectSame();
  });

  test('a new token that is refused, too, is the tenant’s trouble, not a reason to ask on', async () => {
    const tenant = await loaded();
    lab.cloud.faults.add({ service: 'graph', tenant: tenant.id, status: 401 });
    const requests = await tenant.requestsOf(() => tenant.run());
    expect(callsOf(requests, 'entra')).toBe(1);
    expect(callsOf(requests, 'graph')).toBe(2);
    const { failure, nextAttemptMs } = await tenant.state();
    expect(failure?.code).toBe('upstream.unauthorized');
    expect(nextAttemptMs).toBeGreaterThan(Date.now());
  });

  test('down is no trouble while the token is good; afterwards it is recorded, and passes', async () => {
    const tenant = lab.tenant();
    tenant.live.generator.seedHistory(3, 20);
    advance(20 * MINUTE);
    await tenant.settle();
    lab.cloud.faults.add({ service: 'entra', tenant: tenant.id, status: 503 });
    tenant.live.createIncident();
    advance(20 * MINUTE);
    await tenant.run();
    await tenant.expectSame();
    advance(26 * HOUR);
    tenant.live.createIncident();
    await tenant.run();
    expect((await tenant.state()).failure?.code).toBe('auth.unavailable');
    lab.calm();
    advance(HOUR);
    await tenant.run();
    await tenant.expectSame();
    expect((await tenant.state()).failure).toBeUndefined();
  });
});

describe('secrets', () => {
  test('show in no log event, row or blob of all this', async () => {
    expect(lab.events.some(({ event }) => event === 'sync.run_failed')).toBe(true);
    expect(await lab.leaks()).toEqual([]);
  });
});
