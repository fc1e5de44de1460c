import { describe, expect, test } from 'vitest';
import { startLab, TENANT } from './support.ts';
import { GRAPH, read, readIds } from './support-lists.ts';

const MINUTE = 60_000;

function tenantWith(settings: Parameters<typeof startLab>[0] = {}) {
  const lab = startLab(settings);
  const tenant = lab.defender.tenant(TENANT);
  tenant.createIncident({ id: '1', alerts: [{ id: 'a1' }] });
  tenant.createIncident({ id: '2', alerts: [{ id: 'a2' }] });
  lab.clock.forward(MINUTE);
  return { lab, tenant };
}

describe('a change', () => {
  test('is seen at once, by both APIs, and later than the one before', async () => {
    const { lab, tenant } = tenantWith();
    const first = tenant.updateIncident('1', { severity: 'high' });
    const second = tenant.updateIncident('1', { severity: 'low' });
    expect(second.lastUpdateDateTime > first.lastUpdateDateTime).toBe(true);
    expect(second.lastUpdateDateTime).toMatch(/^2026-11-20T12:01:00\.000\d{4}Z$/);
    expect(await read(lab, `${GRAPH}/incidents/1`)).toMatchObject({
      severity: 'low',
      lastUpdateDateTime: second.lastUpdateDateTime,
    });
    expect(await read(lab, 'https://api.security.microsoft.com/api/incidents/1')).toMatchObject({
      severity: 'Low',
    });
  });

  test('to something that is not there is an error', () => {
    const { tenant } = tenantWith();
    expect(() => tenant.updateIncident('9', {})).toThrow(/no generated incident 9/);
    expect(() => tenant.updateAlert('a9', {})).toThrow(/a9/);
    expect(() => tenant.merge('1', '1')).toThrow(/itself/);
    expect(() => tenant.createIncident({ id: '1' })).toThrow(/already/);
  });

  test('made up as history is shown at once, whatever the indexing delay', () => {
    const { tenant } = tenantWith({ indexingDelayMs: 5 * MINUTE });
    const past = '2026-11-20T11:00:00.0000000Z';
    tenant.createIncident({ id: '3', createdDateTime: past });
    tenant.resolve('3', { classification: 'truePositive', determination: 'malware', at: past });
    expect(tenant.listedIds('graph')).toEqual(['3']);
  });

  test('made under an indexing delay shows later, under the time at which it was made', async () => {
    const { lab, tenant } = tenantWith({ indexingDelayMs: 5 * MINUTE });
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual([]);
    lab.clock.forward(4 * MINUTE);
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual(expect.arrayContaining(['1', '2']));
    const { lastUpdateDateTime } = tenant.updateIncident('1', { severity: 'high' });
    tenant.addAlert('1', { id: 'a3' });
    expect(await read(lab, `${GRAPH}/incidents/1`)).toMatchObject({ severity: 'medium' });
    expect((await lab.get(`${GRAPH}/alerts_v2/a3`)).status).toBe(404);
    lab.clock.forward(5 * MINUTE);
    const shown = await read(lab, `${GRAPH}/incidents/1`);
    expect(shown.severity).toBe('high');
    expect(shown.lastUpdateDateTime >= lastUpdateDateTime).toBe(true);
    expect((await lab.get(`${GRAPH}/alerts_v2/a3`)).status).toBe(200);
  });
});

test('the ids that each API lists, loaded ones included', () => {
  const { tenant } = tenantWith({ redirected: 'gone' });
  const times = '"createdTime":"2027-01-01T00:00:00Z","lastUpdateTime":"2027-01-01T00:00:00Z"';
  tenant.loadRaw({ family: 'xdr', text: `{"incidentId":77,${times}}` });
  tenant.merge('1', '2');
  expect(tenant.listedIds('graph')).toEqual(['2']);
  expect(tenant.listedIds('xdr')).toEqual(['77', '2']);
});

describe('an incident that appears late', () => {
  test('is behind what was already read when it does', async () => {
    const { lab, tenant } = tenantWith({ orderBy: 'lastUpdateDateTime' });
    tenant.appearLate({ id: '3', createdDateTime: '2026-11-20T11:00:00.0000000Z' }, 10 * MINUTE);
    expect(tenant.list().map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect((await lab.get(`${GRAPH}/incidents/3`)).status).toBe(404);
    lab.clock.forward(10 * MINUTE);
    expect((await readIds(lab, `${GRAPH}/incidents`)).at(-1)).toBe('3');
  });
});

describe('a version that is still to be shown', () => {
  test.each([0, MINUTE])(
    'never replaces a newer one, at an indexing delay of %i ms',
    async (indexingDelayMs) => {
      const { lab, tenant } = tenantWith({ indexingDelayMs });
      tenant.appearLate({ id: '3', severity: 'low' }, 10 * MINUTE);
      tenant.updateIncident('3', { severity: 'high' });
      lab.clock.forward(MINUTE);
      expect(await read(lab, `${GRAPH}/incidents/3`)).toMatchObject({ severity: 'high' });
      lab.clock.forward(10 * MINUTE);
      expect(await read(lab, `${GRAPH}/incidents/3`)).toMatchObject({ severity: 'high' });
    },
  );

  test('is not shown once the incident is removed', async () => {
    const { lab, tenant } = tenantWith();
    tenant.appearLate({ id: '3' }, MINUTE);
    tenant.remove('3');
    lab.clock.forward(MINUTE);
    expect((await lab.get(`${GRAPH}/incidents/3`)).status).toBe(404);
  });
});

describe('alerts', () => {
  test.each([true, false])('moving their incident when they change: %s', async (alertChangesMoveIncident) => {
    const { lab, tenant } = tenantWith({ alertChangesMoveIncident });
    const before = tenant.get('1')?.lastUpdateDateTime ?? '';
    const added = tenant.addAlert('1', { id: 'a3', title: 'Third' });
    const changed = tenant.updateAlert('a1', { status: 'resolved' });
    const after = await read(lab, `${GRAPH}/incidents/1?$expand=alerts`);
    expect(after.lastUpdateDateTime > before).toBe(alertChangesMoveIncident);
    expect(after.alerts).toMatchObject([
      { id: 'a1', status: 'resolved' },
      { id: 'a3', title: 'Third' },
    ]);
    expect(await read(lab, `${GRAPH}/alerts_v2/a1`)).toMatchObject({
      status: 'resolved',
      lastUpdateDateTime: changed.lastUpdateDateTime,
    });
    expect(added.createdDateTime > before).toBe(true);
    expect(await readIds(lab, `${GRAPH}/alerts_v2`)).toHaveLength(3);
  });

  test('of a resolved incident are resolved with it', async () => {
    const { lab, tenant } = tenantWith();
    tenant.resolve('1', {
      classification: 'truePositive',
      determination: 'malware',
      comment: 'done',
      by: 'ada',
    });
    expect(await read(lab, `${GRAPH}/incidents/1?$expand=alerts`)).toMatchObject({
      status: 'resolved',
      classification: 'truePositive',
      determination: 'malware',
      resolvingComment: 'done',
      lastModifiedBy: 'ada',
      alerts: [{ status: 'resolved', determination: 'malware', resolvedDateTime: expect.any(String) }],
    });
  });

  test('of a merged incident move into the other, in both lists', async () => {
    const { lab, tenant } = tenantWith();
    tenant.merge('1', '2');
    expect(await read(lab, `${GRAPH}/incidents/1?$expand=alerts`)).toMatchObject({
      status: 'redirected',
      redirectIncidentId: '2',
      alerts: [],
    });
    const target = await read(lab, `${GRAPH}/incidents/2?$expand=alerts`);
    expect(target.alerts).toMatchObject([
      { id: 'a2', incidentId: '2' },
      { id: 'a1', incidentId: '2' },
    ]);
    expect(await read(lab, `${GRAPH}/alerts_v2/a1`)).toMatchObject({ incidentId: '2' });
    expect(tenant.updateAlert('a1', { severity: 'high' }).incidentId).toBe('2');
  });

  test('go with a removed incident, but for those that moved away before', async () => {
    const { lab, tenant } = tenantWith();
    tenant.merge('1', '2');
    tenant.remove('1');
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual(['2']);
    expect(await readIds(lab, `${GRAPH}/alerts_v2`)).toHaveLength(2);
    tenant.remove('2');
    expect(await readIds(lab, `${GRAPH}/alerts_v2`)).toEqual([]);
    expect(tenant.list()).toEqual([]);
  });
});

test('a comment is kept with its author', async () => {
  const { lab, tenant } = tenantWith();
  tenant.addComment('1', 'Looks odd', 'ada@contoso.example');
  expect(await read(lab, `${GRAPH}/incidents/1`)).toMatchObject({
    comments: [{ comment: 'Looks odd', createdByDisplayName: 'ada@contoso.example' }],
  });
});
