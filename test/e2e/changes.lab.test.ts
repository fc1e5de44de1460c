import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { advance, advanceToMorning } from './moving-time.ts';
import { DAY, HOUR, MINUTE, type SyncedTenant, type SyncLab, startSyncLab } from './sync-lab.ts';

let lab: SyncLab;
beforeAll(async () => {
  advanceToMorning();
  lab = await startSyncLab({ tenants: 12 });
});
afterEach(() => lab.calm());
afterAll(() => lab.stop());

/** A tenant with some history, loaded, and quiet for an hour. */
async function loaded(incidents: number, api: 'graph' | 'xdr' = 'graph'): Promise<SyncedTenant> {
  const tenant = lab.tenant(api);
  tenant.live.generator.seedHistory(incidents, 20);
  advance(HOUR);
  await tenant.settle();
  return tenant;
}

const linesOf = (requests: Awaited<ReturnType<SyncedTenant['requestsOf']>>): string[] =>
  requests.map(({ service, method, path, status }) => `${service} ${method} ${path.split('?')[0]} ${status}`);

describe('first load', () => {
  test('brings everything of the last 30 days as it is, and announces nothing of it', async () => {
    const tenant = await loaded(80);
    tenant.live.createIncident({ id: 'old', createdDateTime: daysAgo(31) });
    await tenant.settle();
    expect(await tenant.record('old')).toBeUndefined();
    tenant.live.remove('old');
    await tenant.expectSame();
    const { counts, firstLoad } = await tenant.state();
    expect(counts).toMatchObject({ incidents: 80, versions: 80, late: 0 });
    expect(firstLoad?.doneMs).toBeDefined();
    expect(await tenant.feed()).toEqual([]);
  });

  test('of the Defender XDR API: every incident as the service sent it, whole in Graph’s shape', async () => {
    const tenant = await loaded(40, 'xdr');
    const listed = tenant.live.listedIds('xdr');
    expect(listed).toHaveLength(40);
    for (const id of listed) {
      const truth = tenant.live.get(id);
      const source = JSON.parse(await tenant.source(id));
      expect(source).toMatchObject({ incidentId: Number(id), incidentName: truth?.displayName });
      expect(source.alerts).toHaveLength(truth?.alerts.length ?? 0);
      const found = await lab.outrider.incidents.get({ tenant: tenant.id, id });
      const graph = JSON.parse(found ? lab.outrider.incidents.text(found, tenant.id, 'graph') : '{}');
      expect(graph).toMatchObject({ id, status: truth?.status, severity: truth?.severity });
      expect(graph.alerts.map((alert: { id: string }) => alert.id).sort()).toEqual(
        truth?.alerts.map((alert) => alert.id).sort(),
      );
    }
  });
});

describe('nothing new', () => {
  test('costs two API calls, one row read and one conditional write', async () => {
    const tenant = await loaded(30);
    advanceToMorning();
    await tenant.settle();
    advance(5 * MINUTE);
    await tenant.run();
    advance(5 * MINUTE);
    const { counts } = await tenant.state();
    const requests = await tenant.requestsOf(() =>
      lab.outrider.syncFromMessage(QUIET, { v: 1, tenant: tenant.id }),
    );
    expect(linesOf(requests)).toEqual([
      expect.stringMatching(/^table GET \/OutriderIncidents\(.*RowKey='s'.*\) 200$/),
      'graph GET /v1.0/security/incidents 200',
      'graph GET /v1.0/security/alerts_v2 200',
      'table POST /$batch 202',
    ]);
    expect((await tenant.state()).counts).toEqual({ ...counts, calls: counts.calls + 2 });
  });

  test('of the Defender XDR API costs one call', async () => {
    const tenant = await loaded(30, 'xdr');
    advanceToMorning();
    await tenant.settle();
    advance(5 * MINUTE);
    await tenant.run();
    const requests = await tenant.requestsOf(() =>
      lab.outrider.syncFromMessage(QUIET, { v: 1, tenant: tenant.id }),
    );
    expect(linesOf(requests).filter((line) => !line.startsWith('table'))).toEqual([
      'xdr GET /api/incidents 200',
    ]);
  });
});

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };
const daysAgo = (days: number): string =>
  `${new Date(Date.now() - days * DAY).toISOString().slice(0, -1)}0000Z`;

describe('changes', () => {
  test('each kind arrives whole, as one more version, announced once and in order', async () => {
    const tenant = await loaded(10);
    const { live } = tenant;
    const { id } = live.createIncident({ alerts: [{ title: 'first' }] });
    const steps: (() => unknown)[] = [
      () => live.updateIncident(id, { assignedTo: 'ana@contoso.example', severity: 'high' }),
      () => live.addComment(id, 'Seen.', 'ana@contoso.example'),
      () => live.addAlert(id, { title: 'second' }),
      () => live.updateAlert(live.get(id)?.alerts[0]?.id ?? '', { status: 'inProgress' }),
      () => live.resolve(id, { classification: 'truePositive', determination: 'malware' }),
      () => live.updateIncident(id, { status: 'active' }),
    ];
    await tenant.run();
    for (const step of steps) {
      advance(MINUTE);
      step();
      await tenant.run();
      await tenant.run();
      await tenant.expectSame();
    }
    const feed = await tenant.feed();
    expect(feed.map((change) => change.id)).toEqual(Array.from({ length: 7 }, () => id));
    expect(feed.map((change) => Reflect.get(change, 'change'))).toEqual([
      'created',
      ...steps.map(() => 'updated'),
    ]);
    expect(feed.map(({ status }) => status).slice(-3)).toEqual(['active', 'resolved', 'active']);
    const history = await tenant.history(id);
    expect(history.map(({ version }) => version)).toEqual(feed.map(({ version }) => version));
    expect(new Set(feed.map(({ version }) => version)).size).toBe(7);
  });

  test('a changed alert that does not move its incident is seen, and so is its change back', async () => {
    lab.cloud.defender.settings.alertChangesMoveIncident = false;
    const tenant = await loaded(10);
    const { live } = tenant;
    const { id, lastUpdateDateTime, alerts } = live.createIncident({ alerts: [{ status: 'new' }, {}] });
    const alert = alerts[0]?.id ?? '';
    advance(MINUTE);
    // A newer one, so that the forward window no longer begins at the incident itself.
    live.createIncident();
    advance(2_000);
    await tenant.run();
    advance(HOUR);
    await tenant.run();
    for (const status of ['inProgress', 'new'] as const) {
      advance(HOUR);
      live.updateAlert(alert, { status });
      advance(2_000);
      await tenant.run();
      await tenant.expectSame();
    }
    advance(MINUTE);
    live.addAlert(id, { title: 'one more' });
    advance(2_000);
    await tenant.run();
    await tenant.expectSame();
    expect((await tenant.record(id))?.lastUpdate).toBe(lastUpdateDateTime);
    expect((await tenant.feed()).filter((change) => change.id === id)).toHaveLength(4);
  });

  test('a busy tenant: everything as it is, every version once', async () => {
    const tenant = await loaded(20);
    for (let minutes = 0; minutes < 60; minutes += 4) {
      for (let steps = 0; steps < 3; steps++) tenant.live.generator.step();
      advance(4 * MINUTE);
      await tenant.run();
    }
    await tenant.settle();
    await tenant.expectSame();
    const feed = await tenant.feed();
    expect(feed.length).toBeGreaterThan(30);
    const versions = feed.map(({ id, version }) => `${id} ${version}`);
    expect(new Set(versions).size).toBe(versions.length);
    const times = feed.map(({ sequence }) => sequence);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('an incident with hundreds of alerts', async () => {
    const tenant = await loaded(5);
    const { id } = tenant.live.generator.storm(400);
    advance(2_000);
    await tenant.run();
    expect((await tenant.record(id))?.alerts).toBe(400);
    await tenant.expectSame();
  });
});

describe('secrets', () => {
  test('show in no log event, row or blob of all this', async () => {
    expect(lab.events.length).toBeGreaterThan(20);
    expect(await lab.leaks()).toEqual([]);
  });
});
