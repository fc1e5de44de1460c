import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { advance, advanceToMorning } from './moving-time.ts';
import { DAY, HOUR, MINUTE, type SyncedTenant, type SyncLab, startSyncLab } from './sync-lab.ts';

let lab: SyncLab;
beforeAll(async () => {
  advanceToMorning();
  lab = await startSyncLab({ tenants: 20 });
});
afterEach(() => lab.calm());
afterAll(() => lab.stop());

async function loaded(): Promise<SyncedTenant> {
  const tenant = lab.tenant();
  tenant.live.generator.seedHistory(3, 20);
  advance(HOUR);
  await tenant.settle();
  return tenant;
}

const alerts = (count: number) => Array.from({ length: count }, (_, n) => ({ title: `Alert ${n}` }));

describe('merged incidents', () => {
  test('point on to where they live on, through every further merge', async () => {
    const tenant = await loaded();
    const [a = '', b = '', c = ''] = [1, 2, 3].map(
      (n) => tenant.live.createIncident({ alerts: alerts(n) }).id,
    );
    advance(MINUTE);
    await tenant.run();
    for (const [source, target] of [
      [a, b],
      [b, c],
    ] as const) {
      tenant.live.merge(source, target);
      advance(MINUTE);
      await tenant.run();
    }
    await tenant.expectSame();
    expect(await tenant.record(a)).toMatchObject({ status: 'redirected', redirectTo: b, alerts: 0 });
    expect(await tenant.record(c)).toMatchObject({ status: 'active', alerts: 6 });
    const get = (id: string) => lab.outrider.incidents.get({ tenant: tenant.id, id });
    expect((await get(a))?.redirectedTo).toBe(c);
    expect((await get(b))?.redirectedTo).toBe(c);
    expect((await get(c))?.redirectedTo).toBeUndefined();
    const open = await lab.outrider.incidents.list({
      tenant: tenant.id,
      filter: { status: ['active'] },
      top: 50,
    });
    expect(open.items.map(({ id }) => id)).toContain(c);
    expect(open.items.map(({ id }) => id)).not.toContain(a);
  });

  test('in a circle are an error that names it', async () => {
    const tenant = await loaded();
    const { live } = tenant;
    const ids = [1, 2, 3].map(() => live.createIncident().id);
    ids.forEach((id, place) => {
      const redirectIncidentId = ids[(place + 1) % ids.length] ?? null;
      live.updateIncident(id, { status: 'redirected', redirectIncidentId });
    });
    advance(MINUTE);
    await tenant.run();
    const circle = [...ids, ids[0]].join(' -> ');
    const [first = ''] = ids;
    await expect(lab.outrider.incidents.get({ tenant: tenant.id, id: first })).rejects.toMatchObject({
      code: 'sync.redirect_cycle',
      message: expect.stringContaining(circle),
    });
    expect(JSON.parse(await sourceOfVersion(tenant, first))).toMatchObject({ id: first });
  });

  test('that are listed no longer keep their rows, and the alerts are in the other one', async () => {
    lab.cloud.defender.settings.redirected = 'gone';
    const tenant = await loaded();
    const [a = '', b = ''] = [1, 2].map((n) => tenant.live.createIncident({ alerts: alerts(n) }).id);
    advance(MINUTE);
    await tenant.run();
    tenant.live.merge(a, b);
    advance(25 * HOUR);
    await tenant.settle();
    await tenant.expectSame();
    expect((await tenant.record(a))?.notSeenSince).toBeDefined();
    expect(await tenant.record(b)).toMatchObject({ alerts: 3 });
  });
});

/** The newest version by its own address, which follows no redirect. */
async function sourceOfVersion(tenant: SyncedTenant, id: string): Promise<string> {
  const version = (await tenant.history(id)).at(-1)?.version ?? '';
  const found = await lab.outrider.incidents.version({ tenant: tenant.id, id }, version);
  return found ? lab.outrider.incidents.text(found, tenant.id, 'source') : '';
}

describe('where $expand=alerts', () => {
  test('is paged, the further alerts are fetched and the incident is stored whole, once', async () => {
    Object.assign(lab.cloud.defender.settings, { expand: 'paged', expandAlertLimit: 10 });
    const tenant = await loaded();
    const { id } = tenant.live.createIncident({ alerts: alerts(35) });
    tenant.live.createIncident({ alerts: alerts(10) });
    advance(MINUTE);
    const requests = await tenant.requestsOf(() => tenant.run());
    expect(requests.filter(({ path }) => path.includes(`/incidents/${id}/alerts`))).toHaveLength(3);
    expect((await tenant.record(id))?.alerts).toBe(35);
    expect(await tenant.source(id)).not.toContain('nextLink');
    await tenant.expectSame();
    const { versions } = (await tenant.state()).counts;
    lab.calm();
    advance(MINUTE);
    await tenant.run();
    expect((await tenant.state()).counts.versions).toBe(versions);
  });

  test('is cut without a word, the list of alerts tells; what was loaded before is completed, too', async () => {
    Object.assign(lab.cloud.defender.settings, { expand: 'cut', expandAlertLimit: 20 });
    const tenant = lab.tenant();
    const before = tenant.live.createIncident({ alerts: alerts(30) });
    advance(HOUR);
    await tenant.settle();
    expect((await tenant.record(before.id))?.alerts).toBe(20);
    const after = tenant.live.createIncident({ alerts: alerts(25) });
    advance(MINUTE);
    await tenant.settle();
    expect(await tenant.record(after.id)).toMatchObject({ alerts: 25, alertsJoined: true });
    expect(await tenant.record(before.id)).toMatchObject({ alerts: 30, alertsJoined: true });
    expect((await tenant.state()).expandLimit).toBe(20);
  });

  test('fails for a big incident, its alerts are joined from the list of alerts; nothing differs', async () => {
    Object.assign(lab.cloud.defender.settings, { expand: 'fail', expandAlertLimit: 20 });
    const tenant = await loaded();
    const big = tenant.live.createIncident({ alerts: alerts(50) });
    const small = tenant.live.createIncident({ alerts: alerts(2) });
    advance(MINUTE);
    await tenant.run();
    const { failure, pending, counts } = await tenant.state();
    expect(failure).toBeUndefined();
    expect(pending).toEqual([]);
    expect((await tenant.record(small.id))?.alerts).toBe(2);
    const { alerts: joined } = JSON.parse(await tenant.source(big.id));
    const truth = tenant.live.get(big.id)?.alerts ?? [];
    expect(joined.toSorted(byId)).toEqual(truth.toSorted(byId));
    lab.calm();
    advance(MINUTE);
    await tenant.run();
    expect((await tenant.state()).counts.versions).toBe(counts.versions);
  });

  test('fails and the list of alerts is refused: stored without, it says so, and is completed later', async () => {
    Object.assign(lab.cloud.defender.settings, { expand: 'fail', expandAlertLimit: 20 });
    const tenant = await loaded();
    lab.cloud.faults.add({ service: 'graph', path: 'alerts_v2', status: 403 });
    const big = tenant.live.createIncident({ alerts: alerts(50) });
    const small = tenant.live.createIncident({ alerts: alerts(2) });
    advance(MINUTE);
    await tenant.run();
    expect((await tenant.record(small.id))?.alerts).toBe(2);
    expect((await tenant.record(big.id))?.alerts).toBe(-1);
    const found = await lab.outrider.incidents.get({ tenant: tenant.id, id: big.id });
    const shown = JSON.parse(found ? lab.outrider.incidents.text(found, tenant.id, 'graph') : '{}');
    expect(shown).toMatchObject({
      id: big.id,
      displayName: big.displayName,
      _outrider: { alertsMissing: true },
    });
    const { failure, pending } = await tenant.state();
    expect(failure).toMatchObject({
      code: 'upstream.forbidden',
      text: expect.stringContaining('SecurityAlert.Read.All'),
    });
    expect(pending).toMatchObject([{ id: big.id, why: 'alertsMissing' }]);
    lab.calm();
    advance(HOUR);
    await tenant.run();
    const after = await tenant.state();
    expect(after.pending).toEqual([]);
    expect(after.failure).toBeUndefined();
    await tenant.expectSame();
  });

  test('fails in a first load, everything is loaded all the same', async () => {
    const settings = { expand: 'fail', expandAlertLimit: 20, expandFailStatus: 504 } as const;
    Object.assign(lab.cloud.defender.settings, settings);
    const tenant = lab.tenant();
    const createdDateTime = `${new Date(Date.now() - 3 * DAY).toISOString().slice(0, -1)}0000Z`;
    const made = [30, 3].map((count) =>
      tenant.live.createIncident({ createdDateTime, alerts: alerts(count) }),
    );
    await tenant.settle();
    const stored = await Promise.all(made.map(({ id }) => tenant.record(id)));
    expect(stored.map((record) => record?.alerts)).toEqual([30, 3]);
    expect(await tenant.feed()).toEqual([]);
  });
});

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => a.id.localeCompare(b.id);
