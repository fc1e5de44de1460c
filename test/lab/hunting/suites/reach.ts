import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { eventText } from '../../../../cli/commands/lab/event-text.ts';
import { callControl } from '../../../../lab/control/client.ts';
import { startControl } from '../../../../lab/control/server.ts';
import { createEnds } from '../../../../lab/ends.ts';
import { createEntra } from '../../../../lab/entra/entra.ts';
import { createBinder } from '../../../../lab/hunting/binder.ts';
import type { HuntControl } from '../../../../lab/hunting/control.ts';
import { createFaults } from '../../../../lab/net/faults.ts';
import { startFront } from '../../../../lab/net/front.ts';
import { createRequestLog } from '../../../../lab/net/request-log.ts';
import type { SessionEvent } from '../../../../lab/session/events.ts';
import { fillHunts } from '../../../../lab/session/fill.ts';
import { startHuntLab, TENANT } from '../support.ts';

const QUERY = 'DeviceEvents | where DeviceName == "very-private" | project Timestamp, DeviceName';

let ends = createEnds();
afterEach(async () => {
  await ends.end();
  ends = createEnds();
});

/** The status of a hunt that goes over a socket. */
function huntOver(port: number, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        method: 'POST',
        path: '/v1.0/security/runHuntingQuery',
        headers: {
          host: 'graph.microsoft.com',
          authorization: 'Bearer x.eyJ9.y',
          'content-length': body.length,
        },
      },
      (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.on('error', reject).end(body);
  });
}

test('the request log shows a hunt by its hash, and nothing of the query', async () => {
  const lab = startHuntLab();
  const log = createRequestLog();
  const faults = createFaults({ random: () => 0 });
  const front = await startFront({ services: lab.defender.services, clock: lab.clock, faults, log });
  ends.push(front.stop);
  expect(await huntOver(front.port, JSON.stringify({ Query: QUERY, Timespan: 'PT3H' }))).toBe(200);
  expect(await huntOver(front.port, JSON.stringify({ Query: `${QUERY}, Nope` }))).toBe(400);
  const [hunt, refused] = log.entries();
  const hash = await lab.defender.hunting.hashOf(QUERY);
  expect(hunt).toMatchObject({ service: 'graph', method: 'POST', status: 200, note: `hunt ${hash}, 6 rows` });
  expect(refused).not.toHaveProperty('note');
  expect(JSON.stringify(log.entries())).not.toContain('private');
});

async function control(hunting: HuntControl) {
  const server = await startControl({
    status: () => ({}),
    env: () => ({}),
    token: async () => '',
    userToken: async () => '',
    signInPage: () => undefined,
    entra: createEntra({
      directory: { tenants: [], users: [], apps: [], managedIdentities: [] },
      clock: { now: Date.now },
    }).control,
    faults: createFaults({ random: () => 0 }),
    defender: { read: () => ({}), patch: () => {} },
    hunting,
    requests: () => [],
    refused: () => [],
    stop: () => {},
  });
  ends.push(server.stop);
  return (method: string, path: string, body?: unknown) => callControl(server, method, path, body);
}

test('another process gives rows, rules, failures and CPU use', async () => {
  const lab = startHuntLab({ huntCpuMsPerCycle: 1_000_000 });
  const call = await control(lab.defender.hunting);
  const { hash } = (await call('POST', '/hunting/hash', { query: QUERY })) as { hash: string };
  await call('POST', '/hunting/rows', { hash, rows: ['{"N":1.50}'] });
  await call('POST', '/hunting/rows', { query: QUERY, add: true, rows: [{ N: 2 }] });
  expect((await lab.hunt(QUERY)).text).toContain('"results":[{"N":1.50},{"N":2}]');
  await call('POST', '/hunting/rules', { tenant: TENANT, runMs: 200_000 });
  expect((await lab.hunt(QUERY)).status).toBe(504);
  await call('POST', '/hunting/failures', { kind: 'calls', times: 2 });
  expect((await lab.hunt(QUERY)).status).toBe(429);
  expect(await call('GET', '/hunting')).toEqual({
    rules: [{ tenant: TENANT, runMs: 200_000 }],
    failures: [{ kind: 'calls', times: 1 }],
    stored: [{ hash, rows: 2 }],
  });
  await call('DELETE', '/hunting');
  expect((await lab.hunt(QUERY, 'PT3H')).rows).toHaveLength(6);
  await call('POST', '/hunting/cpu', { tenant: TENANT, percent: 100 });
  expect((await lab.hunt(QUERY)).status).toBe(429);
  for (const [path, body] of [
    ['rows', { rows: [] }],
    ['rows', { hash: 'x', rows: [] }],
    ['rows', { query: 'Nope', rows: [] }],
    ['rules', { rowsperhour: 1 }],
    ['failures', { kind: 'fire' }],
    ['cpu', { percent: 5 }],
  ] as const) {
    await expect(call('POST', `/hunting/${path}`, body)).rejects.toMatchObject({ code: 'lab.refused' });
  }
});

test('a session tells what it has loaded, and what not', async () => {
  const lab = startHuntLab();
  const events: SessionEvent[] = [];
  const results = ['DeviceEvents', 'Nope'].map((query) => ({
    file: `${query}.json`,
    query,
    hash: undefined,
    tenants: ['Fabrikam'],
    rows: [{ text: '{"N":1}', at: undefined, visibleFrom: undefined }],
  }));
  const tenants = [{ id: TENANT, name: 'Fabrikam', api: 'graph', credential: 'federated' }] as const;
  const tell = (event: SessionEvent): void => void events.push(event);
  await fillHunts(lab.defender.hunting, tenants, { results: results.slice(0, 1), faults: [] }, tell);
  await fillHunts(lab.defender.hunting, tenants, { results, faults: [] }, tell);
  expect((await lab.hunt('DeviceEvents')).rows).toEqual([{ N: 1 }, { N: 1 }]);
  expect(events.map(eventText)).toEqual([
    { text: 'Hunts for 1 query are answered from files', tone: 'plain' },
    { text: expect.stringMatching(/^Nope\.json: .*'Nope'/), tone: 'bad' },
  ]);
});

test('other stand-ins answer while a query is bound and written', async () => {
  const lab = startHuntLab({ huntRowsPerHour: 60 });
  const hunting = lab.hunt(`DeviceProcessEvents | extend N = ${Math.random()} | project Timestamp, N`);
  let turns = 0;
  let done = false;
  void hunting.then(() => {
    done = true;
  });
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    turns += 1;
  }
  expect((await hunting).rows).toHaveLength(43_200);
  expect(turns).toBeGreaterThan(15);
});

test('a query that is bound for too long is given up, and the next one gets a new thread', async () => {
  const binder = createBinder({ mostMs: 1 });
  const give = () => binder.bind('DeviceEvents', { strictTypes: true });
  await expect(give()).rejects.toThrow('thread that binds queries has ended');
  await expect(give()).rejects.toThrow('thread that binds queries has ended');
});
