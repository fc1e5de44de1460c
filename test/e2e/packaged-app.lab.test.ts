import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SyncStatus } from '../../shared/incidents/status.ts';
import { type Answer, type OutriderApp, startOutrider } from '../http/outrider-app.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { hostileIncidents } from './hostile-incidents.ts';
import { findLeaks } from './leaks.ts';

const DAY = 24 * 3_600_000;
/** Over host.json: what failed is soon tried again, and given up after the second time. */
const GIVE_UP_SOON = {
  AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:00.5',
  AzureFunctionsJobHost__extensions__queues__maxDequeueCount: '2',
};

const yesterday = `${new Date(Date.now() - DAY).toISOString().slice(0, -1)}0000Z`;
// An id with a literal %2F cannot be told from one with a slash: the host gives both as %2F.
const hostile = hostileIncidents(yesterday).filter(({ id }) => !id.includes('%2F'));

let app: OutriderApp;
const secrets: string[] = [];
beforeAll(async () => {
  app = await startOutrider({
    cloud: { tenants: 3, onSecret: (secret) => secrets.push(secret) },
    settings: () => GIVE_UP_SOON,
  });
  for (const { text } of hostile) app.cloud.defender.tenant(tenant(2)).loadRaw({ family: 'graph', text });
});
afterAll(() => app.stop());

function tenant(place: number): string {
  const found = app.cloud.world.tenants[place];
  if (!found) throw new Error(`no tenant ${place}`);
  return found.id;
}

const read = (path: string): Promise<Answer> => app.call(path, { roles: ['Incidents.Read'] });

async function statusOf(tenantId: string): Promise<SyncStatus> {
  return (await read(`/api/tenants/${tenantId}/sync`)).json<SyncStatus>();
}

/** What the timer does every minute, now. */
async function tick(): Promise<void> {
  const { status } = await app.call('/admin/functions/enqueue-due-tenants', { method: 'POST' });
  expect(status).toBe(202);
}

async function until(tenantId: string, isSo: (status: SyncStatus) => boolean): Promise<SyncStatus> {
  let last: SyncStatus | undefined;
  return waitFor(
    async () => {
      last = await statusOf(tenantId);
      return isSo(last) ? last : undefined;
    },
    () => JSON.stringify(last),
  );
}

const isCurrent = ({ state, run, backlog }: SyncStatus): boolean =>
  state === 'current' && run === undefined && backlog === 0;

describe('the packaged app', () => {
  test('from timer over queue to the API: two customers, two APIs, everything they have', async () => {
    for (const place of [0, 1]) app.cloud.defender.tenant(tenant(place)).generator.seedHistory(25, 20);
    await tick();
    const graph = await until(tenant(0), isCurrent);
    const xdr = await until(tenant(1), isCurrent);
    expect([graph.incidents, xdr.incidents]).toEqual([25, 25]);

    const listed = (await read(`/api/tenants/${tenant(0)}/incidents?top=200`)).json<{
      readonly value: readonly { readonly id: string }[];
    }>();
    const live = app.cloud.defender.tenant(tenant(0));
    expect(listed.value.map(({ id }) => id).sort()).toEqual(live.listedIds('graph').sort());
    for (const { id } of listed.value.slice(0, 5)) {
      const answer = await read(`/api/tenants/${tenant(0)}/incidents/${id}`);
      expect(answer.json()).toMatchObject({ ...live.get(id), _outrider: { family: 'graph' } });
    }
    const [first = ''] = app.cloud.defender.tenant(tenant(1)).listedIds('xdr');
    const incident = app.cloud.defender.tenant(tenant(1)).get(first);
    const answer = await read(`/api/tenants/${tenant(1)}/incidents/${first}`);
    expect(answer.json()).toMatchObject({
      id: first,
      displayName: incident?.displayName,
      _outrider: { family: 'xdr' },
    });
    expect(app.cloud.refused()).toEqual([]);
  });

  test('hostile incidents come back over HTTP as they are', async () => {
    await app.sync(tenant(2));
    for (const { what, id, text } of hostile) {
      const path = `/api/tenants/${tenant(2)}/incidents/${encodeURIComponent(id)}`;
      expect((await read(`${path}?as=source`)).text, what).toBe(text);
      expect((await read(path)).json(), what).toMatchObject({ id });
      expect((await read(`${path}/versions`)).json<{ value: unknown[] }>().value, what).toHaveLength(1);
    }
  });

  test('a message that is given up is recorded and announced; the next one recovers', async () => {
    const id = tenant(0);
    const { incidents } = await statusOf(id);
    app.cloud.defender.tenant(id).createIncident({ displayName: 'In trouble' });
    app.cloud.faults.add({ service: 'blob', tenant: id, method: 'PUT', status: 403 });
    await tick();
    const failed = await until(id, ({ state }) => state === 'failing');
    expect(failed.failing).toMatchObject({ runs: 1, code: 'internal' });
    expect(failed.incidents).toBe(incidents);
    const announced = app.log.filter(
      ({ message }) => message.includes('sync.poisoned') && message.includes(id),
    );
    expect(announced).toHaveLength(1);
    expect(app.cloud.faults.list()[0]?.struck).toBeGreaterThanOrEqual(2);
    app.cloud.faults.clear();

    await tick();
    const recovered = await until(id, isCurrent);
    expect(recovered.incidents).toBe(incidents + 1);
    expect(recovered.failing).toBeUndefined();
  });

  test('logs no secret', () => {
    expect(secrets.length).toBeGreaterThan(5);
    const lines = [...app.log, ...app.cloud.log.entries()].map((entry) => JSON.stringify(entry));
    expect(lines.length).toBeGreaterThan(50);
    expect(findLeaks(secrets, lines)).toEqual([]);
  });
});
