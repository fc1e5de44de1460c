import { describe, expect, it } from 'vitest';
import { createDefender } from '../../lab/defender/defender.ts';
import { createRandom } from '../../lab/defender/random.ts';
import { createRequestLog, type LoggedRequest } from '../../lab/net/request-log.ts';
import type { SyncAnswer } from '../../lab/session/api-client.ts';
import { readAppLine } from '../../lab/session/app-line.ts';
import type { SessionEvent, StreamChange } from '../../lab/session/events.ts';
import { followLog } from '../../lab/session/follow-log.ts';
import { createMilestones } from '../../lab/session/milestones.ts';
import { createRestLog } from '../../lab/session/rest-log.ts';
import { runStream, seedHistory } from '../../lab/session/stream.ts';
import { createSyncWatch, type SyncWatchOptions } from '../../lab/session/sync-watch.ts';
import { fabrikam, northwind, request, roster, tenants, world } from './lab-customers.ts';

const DAY_MS = 86_400_000;

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
