import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDefender } from '../../lab/defender/defender.ts';
import { createRandom } from '../../lab/defender/random.ts';
import { createRequestLog, type LoggedRequest } from '../../lab/net/request-log.ts';
import type { LogEntry } from '../../lab/runner/log.ts';
import type { SyncAnswer } from '../../lab/session/api-client.ts';
import { readAppLine } from '../../lab/session/app-line.ts';
import type { SessionEvent, SessionTenant, StreamChange } from '../../lab/session/events.ts';
import { readIncidentFiles } from '../../lab/session/files.ts';
import { followLog } from '../../lab/session/follow-log.ts';
import { createJoinWatch } from '../../lab/session/join.ts';
import { createMilestones } from '../../lab/session/milestones.ts';
import { createPreflightLog } from '../../lab/session/preflight-log.ts';
import { createRestLog } from '../../lab/session/rest-log.ts';
import { createRoster } from '../../lab/session/roster.ts';
import { runStream, seedHistory } from '../../lab/session/stream.ts';
import { createSyncWatch, type SyncWatchOptions } from '../../lab/session/sync-watch.ts';
import { createWorld } from '../../lab/world.ts';
import { graphIncident, xdrIncident } from './lab-incidents.ts';

const DAY_MS = 86_400_000;
const world = createWorld({ tenants: 2 });
const tenants: readonly SessionTenant[] = world.tenants.map(({ id, name, api, credential }) => ({
  id,
  name,
  api,
  credential: credential.kind,
}));
const roster = createRoster(tenants);
const [fabrikam, northwind] = tenants as readonly [SessionTenant, SessionTenant];

const request = (change: Partial<LoggedRequest>): LoggedRequest => ({
  time: '2026-01-01T00:00:01.000Z',
  service: 'graph',
  tenant: fabrikam.id,
  method: 'GET',
  path: '/v1.0/security/incidents',
  status: 200,
  ms: 1,
  ...change,
});

describe('incident files', () => {
  const read = async (incidents: readonly object[], now: number, families = ['graph', 'xdr']) => {
    const folder = await mkdtemp(join(tmpdir(), 'outrider-test-'));
    try {
      await writeFile(join(folder, 'all.json'), JSON.stringify(incidents));
      return await readIncidentFiles({ paths: [folder], families: new Set(families), now });
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  const created = Date.parse('2021-03-04T05:06:07.123Z');

  it('leave the app its defaults when they reach far enough', async () => {
    const { backfillDays, retentionDays } = await read([graphIncident('1')], created + 5 * DAY_MS);
    expect({ backfillDays, retentionDays }).toEqual({});
  });

  it('make the first load and the retention begin before the oldest', async () => {
    const incidents = [graphIncident('1'), xdrIncident(2)];
    expect(await read(incidents, created + 40 * DAY_MS)).toMatchObject({ backfillDays: 41 });
    // Less than the default for resolved incidents would delete others.
    expect(await read(incidents, created + 100.5 * DAY_MS)).toMatchObject({
      backfillDays: 102,
      retentionDays: 365,
    });
    expect(await read(incidents, created + 1000 * DAY_MS)).toMatchObject({
      backfillDays: 1001,
      retentionDays: 1001,
    });
  });

  it('that no tenant can serve are faults', async () => {
    const { incidents, faults } = await read([graphIncident('1'), xdrIncident(2)], created, ['graph']);
    expect(incidents.map(({ id }) => id)).toEqual(['1']);
    expect(faults).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/^incident 2: no tenant/) }),
    ]);
  });
});

describe('following the request log', () => {
  it('gives each request once, also when the log has forgotten the last one', () => {
    const log = createRequestLog(3);
    const next = followLog(log);
    expect(next()).toEqual([]);
    const add = (...paths: readonly string[]): void =>
      paths.forEach((path) => void log.add(request({ path })));
    add('a', 'b');
    expect(next().map(({ path }) => path)).toEqual(['a', 'b']);
    add('c');
    expect(next().map(({ path }) => path)).toEqual(['c']);
    expect(next()).toEqual([]);
    add('d', 'e', 'f', 'g');
    expect(next().map(({ path }) => path)).toEqual(['e', 'f', 'g']);
  });
});

describe('milestones', () => {
  const kinds = (events: readonly SessionEvent[]): readonly string[] =>
    events.map((event) => `${event.kind} ${'tenant' in event ? event.tenant.name : ''}`.trim());

  it('are each told once, with the time of the request that shows them', () => {
    const milestones = createMilestones({ world, tenants: roster });
    const token = `/${fabrikam.id}/oauth2/v2.0/token`;
    const requests = [
      request({ service: 'identity', tenant: world.home.id, path: '/msi/token' }),
      request({
        service: 'vault',
        tenant: undefined,
        path: '/secrets/outrider-app-2?api-version=7.6',
        status: 401,
      }),
      request({ service: 'vault', tenant: undefined, path: '/secrets/outrider-app-2?api-version=7.6' }),
      request({ service: 'entra', path: `/${fabrikam.id}/v2.0/.well-known/openid-configuration` }),
      request({ service: 'entra', path: token, method: 'POST' }),
      request({ service: 'graph', cut: true }),
      request({ service: 'graph', method: 'POST', path: '/v1.0/security/runHuntingQuery' }),
      request({ service: 'graph', time: '2026-01-01T00:00:02.500Z' }),
      request({ service: 'graph' }),
    ];
    const events = milestones(requests, 0).filter(({ kind }) => kind !== 'trouble');
    expect(kinds(events)).toEqual([
      'identity',
      `secretRead ${northwind.name}`,
      `signedIn ${fabrikam.name}`,
      `firstPage ${fabrikam.name}`,
    ]);
    expect(events.at(-1)?.at).toBe(Date.parse('2026-01-01T00:00:02.500Z'));
    expect(milestones(requests, 0).filter(({ kind }) => kind !== 'trouble')).toEqual([]);
  });

  it('tell trouble at once, then a digest every ten seconds', () => {
    const milestones = createMilestones({ world, tenants: roster });
    const throttled = request({ status: 429 });
    const times = (events: readonly SessionEvent[]): readonly unknown[] =>
      events.map((event) => event.kind === 'trouble' && [event.answer, event.times]);
    expect(times(milestones([throttled, request({ status: 404 })], 100_000))).toEqual([[429, 1]]);
    expect(times(milestones([throttled, throttled], 105_000))).toEqual([]);
    expect(times(milestones([throttled], 110_000))).toEqual([[429, 3]]);
    expect(times(milestones([], 130_000))).toEqual([]);
  });

  it("tell a defect of the lab's own", () => {
    const milestones = createMilestones({ world, tenants: roster });
    const events = milestones([request({ status: 500, problem: 'boom' })], 100_000);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'defect', text: expect.stringMatching(/boom/) }),
    );
  });
});

describe('watching syncs', () => {
  const answer = (change: Partial<SyncAnswer> = {}): SyncAnswer => ({
    state: 'current',
    incidents: 3,
    versions: 3,
    ...change,
  });

  /** A watch over one tenant whose API gives the answers in turn, the last one for ever. */
  function rig(answers: readonly (SyncAnswer | Error)[]) {
    const left = [...answers];
    const events: SessionEvent[] = [];
    const asked = { times: 0 };
    const clock = { now: 1_000_000 };
    const client: SyncWatchOptions['client'] = {
      startSync: async () => {},
      async sync() {
        asked.times += 1;
        const next = left.length > 1 ? left.shift() : left[0];
        if (next instanceof Error || next === undefined) throw next ?? new Error('no answer');
        return next;
      },
    };
    const onEvent = (event: SessionEvent): void => void events.push(event);
    const watch = createSyncWatch({ tenants: [fabrikam], client, onEvent, now: () => clock.now });
    const later = async (ms: number, requests: readonly LoggedRequest[] = []): Promise<void> => {
      clock.now += ms;
      await watch.tick(requests);
    };
    return { watch, events, asked, clock, later };
  }

  it('a tenant that was suspended or removed is not asked for, and served again it is', async () => {
    const { watch, events, asked, later } = rig([answer(), answer()]);
    await later(500);
    const log = createRestLog(watch.rest);
    const audit = (state: string): void =>
      log.read({ message: JSON.stringify({ event: 'tenant.audit', tenant: fabrikam.id, state }) });
    const before = { asked: asked.times, events: events.length };
    for (const state of ['suspended', 'offboarded']) {
      audit(state);
      expect(watch.syncs()[0]).toMatchObject({ rest: state });
      await later(0, [request({})]);
      await later(5_000);
      await watch.refresh();
    }
    expect({ asked: asked.times, events: events.length }).toEqual(before);
    expect(watch.syncs()[0]?.answer).toBeUndefined();
    audit('active');
    await watch.refresh();
    expect(watch.syncs()[0]).toMatchObject({ rest: undefined, answer: answer() });
  });

  it('a tenant is loaded when its first run is over and nothing runs', async () => {
    const loading = answer({ state: 'loading', run: 'r', incidents: 1 });
    const { watch, events, later } = rig([
      loading,
      answer({ state: 'loading' }),
      answer({ run: 'r' }),
      answer(),
    ]);
    let settled = false;
    void watch.settled.then(() => {
      settled = true;
    });
    for (let i = 0; i < 3; i++) await later(500);
    expect(settled).toBe(false);
    expect(events.map(({ kind }) => kind)).toEqual(['loading', 'loading', 'loading']);
    await later(500);
    await watch.settled;
    expect(events.at(-1)).toMatchObject({ kind: 'loaded', incidents: 3, versions: 3 });
    expect(watch.syncs()[0]).toMatchObject({ state: 'current', reason: undefined });
  });

  it('asks no more once loaded, until a run of the app has come and gone', async () => {
    const { watch, events, asked, clock, later } = rig([answer(), answer({ incidents: 4, versions: 6 })]);
    await later(500);
    for (let i = 0; i < 10; i++) await later(1_000);
    expect(asked.times).toBe(1);
    watch.expect(fabrikam, { kind: 'create', incidentId: '9', title: 'x' });
    const call = request({ time: new Date(clock.now + 1_000).toISOString() });
    await later(1_000, [call, request({ ...call, service: 'blob' })]);
    expect(asked.times).toBe(1);
    await later(2_000);
    expect(asked.times).toBe(2);
    expect(events.at(-1)).toMatchObject({
      kind: 'synced',
      incidents: 1,
      versions: 3,
      changes: [{ incidentId: '9' }],
    });
  });

  it('a failing tenant is told once for each reason, and recovers', async () => {
    const failing = answer({ state: 'failing', failing: { code: 'auth.x', text: 'No consent.' } });
    const { watch, events, later } = rig([failing, failing, answer({ versions: 4 })]);
    await later(500);
    await watch.settled;
    expect(watch.syncs()[0]).toMatchObject({ state: 'failing', reason: 'No consent. (auth.x)' });
    await watch.refresh();
    expect(events.map(({ kind }) => kind)).toEqual(['failing']);
    await watch.refresh();
    expect(watch.syncs()[0]).toMatchObject({ state: 'current', reason: undefined });
  });

  it('one more tenant is loaded like the first ones', async () => {
    const { watch, events, later } = rig([answer()]);
    await later(500);
    await watch.settled;
    watch.add(northwind);
    watch.add(northwind);
    expect(watch.syncs().map(({ state }) => state)).toEqual(['current', 'loading']);
    await later(500);
    expect(events.map((event) => [event.kind, 'tenant' in event && event.tenant.name])).toEqual([
      ['loaded', fabrikam.name],
      ['loaded', northwind.name],
    ]);
  });

  it('an API that never answers is a failure, one that stumbles is not', async () => {
    const dead = rig([new Error('socket hang up')]);
    for (let i = 0; i < 4; i++) await dead.later(500);
    expect(dead.watch.syncs()[0]?.state).toBe('loading');
    await dead.later(500);
    await dead.watch.settled;
    expect(dead.watch.syncs()[0]).toMatchObject({ state: 'failing', reason: 'socket hang up' });
    const stumbling = rig([new Error('socket hang up'), answer()]);
    await stumbling.later(500);
    await stumbling.later(500);
    expect(stumbling.watch.syncs()[0]?.state).toBe('current');
  });
});

describe('a directory that joins', () => {
  const { prospect } = world;
  const connected = (fields: object = {}): LogEntry => ({
    level: 'information',
    source: 'app',
    message: JSON.stringify({
      event: 'tenant.invitation',
      action: 'connected',
      tenant: prospect.id,
      ...fields,
    }),
  });

  function rig(state: string | Error) {
    const joined: unknown[] = [];
    const asked: string[] = [];
    const watch = createJoinWatch({
      prospect,
      client: {
        async tenant(id) {
          asked.push(id);
          if (state instanceof Error) throw state;
          return { state, api: 'xdr' };
        },
      },
      onJoined: (tenant, how) => void joined.push([tenant, how]),
    });
    return { watch, joined, asked };
  }

  it('is known by the app’s log, once, with the API that the app reads it by', async () => {
    const { watch, joined, asked } = rig('active');
    watch.read({ level: 'information', source: 'app', message: 'not JSON' });
    watch.read(connected({ action: 'roles_missing' }));
    watch.read(connected({ tenant: fabrikam.id }));
    expect(asked).toEqual([]);
    watch.read(connected());
    watch.read(connected());
    await new Promise(setImmediate);
    const tenant = { id: prospect.id, name: 'Adventure Works', api: 'xdr', credential: 'federated' };
    expect(joined).toEqual([[tenant, 'invitation']]);
  });

  it('may have joined before; one that is not in service has not', async () => {
    const kept = rig('active');
    await kept.watch.look();
    expect(kept.joined).toEqual([[expect.objectContaining({ id: prospect.id }), 'kept']]);
    for (const state of ['invited', 'suspended', new Error('404')]) {
      const { watch, joined } = rig(state);
      await watch.look();
      expect(joined).toEqual([]);
    }
  });

  it('is told how it stands when the app has looked it over', () => {
    const events: SessionEvent[] = [];
    const onEvent = (event: SessionEvent): void => void events.push(event);
    const log = createPreflightLog({ tenants: roster, onEvent, now: () => 7 });
    const done = {
      event: 'preflight.done',
      correlationId: 'c',
      tenant: fabrikam.id,
      ok: false,
      alerts: 'ok',
    };
    log.read(connected());
    log.read(connected({ ...done, tenant: 'another' }));
    log.read({ level: 'warning', source: 'app', message: JSON.stringify(done) });
    expect(events).toEqual([{ kind: 'lookedOver', at: 7, tenant: fabrikam, states: [['alerts', 'ok']] }]);
  });

  it('is watched like the others from then on', async () => {
    const members = createRoster([fabrikam]);
    const joiner = { id: prospect.id, name: prospect.name, api: 'graph', credential: 'federated' } as const;
    const milestones = createMilestones({ world, tenants: members });
    const call = request({ tenant: prospect.id });
    expect(milestones([call], 0)).toEqual([]);
    members.join(joiner);
    members.join(joiner);
    expect(members.all()).toEqual([fabrikam, joiner]);
    expect(milestones([call], 0)).toMatchObject([{ kind: 'firstPage', tenant: joiner }]);
  });
});

describe('the stream', () => {
  const judge = { verify: async () => ({ ok: false, reason: 'missing' }) as const };
  const defender = createDefender({ clock: { now: () => 1_700_000_000_000 }, judge, seed: 3 });

  it('gives every tenant a past within the first load of 30 days', () => {
    const counts = seedHistory(defender, tenants);
    const past = tenants.map(({ id }) => defender.tenant(id).list());
    expect(past.map((incidents) => incidents.length)).toEqual(counts);
    const created = past.flat().map(({ createdDateTime }) => Date.parse(createdDateTime));
    expect(Math.min(...created)).toBeGreaterThan(1_700_000_000_000 - 30 * DAY_MS);
  });

  it('changes incidents of all tenants until it is told to stop', async () => {
    const ending = new AbortController();
    const changes: (StreamChange & { readonly tenant: string })[] = [];
    await runStream({
      defender,
      tenants: roster,
      random: createRandom(3),
      signal: ending.signal,
      stepMs: 0,
      onChange: ({ id }, change) => {
        changes.push({ ...change, tenant: id });
        if (changes.length === 40) ending.abort();
      },
    });
    expect(changes).toHaveLength(40);
    expect(new Set(changes.map(({ tenant }) => tenant))).toEqual(new Set(tenants.map(({ id }) => id)));
    expect(new Set(changes.map(({ kind }) => kind)).size).toBeGreaterThan(3);
    for (const { tenant, incidentId, title } of changes) {
      expect(defender.tenant(tenant).get(incidentId)?.displayName).toBe(title);
    }
  });
});

describe("the app's lines", () => {
  it('are read from the JSON log; anything else is an error to be shown', () => {
    const entry = { level: 'warning', source: 'app', message: 'm', functionName: 'f' };
    expect(readAppLine(JSON.stringify({ time: 'now', ...entry }))).toEqual(entry);
    expect(readAppLine('Segmentation fault')).toEqual({
      level: 'error',
      source: 'runner',
      message: 'Segmentation fault',
    });
    expect(readAppLine('{"level":"loud","source":"app","message":"m"}')).toMatchObject({ level: 'error' });
  });
});
