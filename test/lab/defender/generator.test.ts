import { describe, expect, test } from 'vitest';
import { NOON, startLab, TENANT } from './support.ts';

const DAY = 86_400_000;

function stream(seed: number, steps: number) {
  const lab = startLab({}, { seed });
  const tenant = lab.defender.tenant(TENANT);
  tenant.generator.seedHistory(30, 10);
  const changes = Array.from({ length: steps }, () => {
    lab.clock.forward(61_000);
    return tenant.generator.step();
  });
  return { tenant, changes, lab };
}

describe('the stream', () => {
  test('is the same for the same seed, and another for another', () => {
    const [one, two, other] = [stream(5, 60), stream(5, 60), stream(6, 60)];
    expect(two.changes).toEqual(one.changes);
    expect(two.tenant.list()).toEqual(one.tenant.list());
    expect(other.tenant.list()).not.toEqual(one.tenant.list());
  });

  test('differs from tenant to tenant', () => {
    const lab = startLab();
    const titles = ['a', 'b'].map((id) => {
      const tenant = lab.defender.tenant(id);
      tenant.generator.seedHistory(10, 3);
      return tenant.list().map(({ id: incident, displayName }) => `${incident} ${displayName}`);
    });
    expect(titles[0]).not.toEqual(titles[1]);
  });

  test('has every kind of change, and now and then an incident with hundreds of alerts', () => {
    const { changes, tenant } = stream(1, 400);
    const kinds = new Set(changes.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'addAlert',
      'comment',
      'create',
      'merge',
      'resolve',
      'storm',
      'update',
      'updateAlert',
    ]);
    const storms = changes.filter(({ kind }) => kind === 'storm');
    expect(storms.length).toBeLessThan(20);
    const biggest = Math.max(...tenant.list().map(({ alerts }) => alerts.length));
    expect(biggest).toBeGreaterThanOrEqual(200);
  });

  test('is varied: titles, severities, techniques, sources, evidence, states', () => {
    const { tenant } = stream(2, 300);
    const incidents = tenant.list();
    const alerts = incidents.flatMap((incident) => incident.alerts);
    const distinct = (values: readonly unknown[]): number => new Set(values).size;
    expect(distinct(incidents.map(({ displayName }) => displayName))).toBeGreaterThan(30);
    expect(distinct(incidents.map(({ severity }) => severity))).toBe(4);
    expect(new Set(incidents.map(({ status }) => status))).toEqual(
      new Set(['active', 'inProgress', 'resolved', 'redirected', 'awaitingAction']),
    );
    expect(distinct(alerts.flatMap(({ mitreTechniques }) => mitreTechniques))).toBeGreaterThan(20);
    expect(distinct(alerts.map(({ serviceSource }) => serviceSource))).toBe(6);
    const types = alerts.flatMap(({ evidence }) => evidence.map((item) => item['@odata.type']));
    expect(distinct(types)).toBe(12);
    expect(
      incidents.some(({ displayName }) => displayName.startsWith('Multi-stage incident involving ')),
    ).toBe(true);
    expect(incidents.some(({ assignedTo }) => assignedTo !== null)).toBe(true);
    for (const incident of incidents) {
      const resolved = incident.status === 'resolved';
      expect(incident.classification === 'unknown').toBe(!resolved);
    }
  });

  test('keeps its own order: no time before its cause, none in the future, ids of their own', () => {
    const { tenant, lab } = stream(3, 300);
    const now = new Date(lab.clock.now() + 1).toISOString();
    const alertIds = new Set<string>();
    for (const incident of tenant.list()) {
      expect(incident.createdDateTime <= incident.lastUpdateDateTime).toBe(true);
      expect(incident.lastUpdateDateTime < now).toBe(true);
      for (const alert of incident.alerts) {
        expect(alert.incidentId).toBe(incident.id);
        expect(alert.firstActivityDateTime <= alert.lastActivityDateTime).toBe(true);
        expect(alert.createdDateTime <= alert.lastUpdateDateTime).toBe(true);
        expect(alertIds.has(alert.id)).toBe(false);
        alertIds.add(alert.id);
      }
    }
  });
});

describe('history', () => {
  test('lies in the days before now, the older part mostly resolved', () => {
    const lab = startLab();
    const tenant = lab.defender.tenant(TENANT);
    tenant.generator.seedHistory(200, 20);
    const incidents = tenant.list();
    expect(incidents).toHaveLength(200);
    const ages = incidents.map(({ createdDateTime }) => (NOON - Date.parse(createdDateTime)) / DAY);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...ages)).toBeLessThanOrEqual(20);
    expect(Math.max(...ages)).toBeGreaterThan(15);
    const old = incidents.filter(({ createdDateTime }) => Date.parse(createdDateTime) < NOON - 5 * DAY);
    const resolved = old.filter(({ status }) => status === 'resolved');
    expect(resolved.length / old.length).toBeGreaterThan(0.7);
    expect(incidents.every(({ lastUpdateDateTime }) => Date.parse(lastUpdateDateTime) <= NOON)).toBe(true);
  });
});
