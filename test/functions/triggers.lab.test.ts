import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SyncStatus } from '../../shared/incidents/status.ts';
import { type OutriderApp, startOutrider } from '../http/outrider-app.ts';
import { waitFor } from '../lab/runner/run-app.ts';

const READ = { roles: ['Incidents.Read'] };
/** Not one of this deployment's. */
const STRANGER = '99999999-9999-4999-8999-999999999999';

let app: OutriderApp;
let tenants: readonly string[] = [];
beforeAll(async () => {
  // So that no run of the real timer comes in between.
  app = await startOutrider({ settings: () => ({ OUTRIDER_INTERVAL_MINUTES: '1440' }) });
  tenants = app.cloud.world.tenants.map(({ id }) => id);
});
afterAll(() => app?.stop());

/** Runs a function by hand, as the host's admin API does, and waits for its end. */
async function trigger(name: string, input: unknown = ''): Promise<string> {
  const body = JSON.stringify({ input: typeof input === 'string' ? input : JSON.stringify(input) });
  const before = app.log.length;
  const answer = await fetch(`${app.url}/admin/functions/${name}`, { method: 'POST', body });
  expect(answer.status).toBe(202);
  const ended = await waitFor(
    () =>
      app.log
        .slice(before)
        .find(
          ({ functionName, source, message }) =>
            functionName === name && source === 'runner' && / in \d+ ms/.test(message),
        ),
    () => JSON.stringify(app.log.slice(before)),
  );
  return ended.message;
}

/** Lines of the log so far that have this text. */
const linesWith = (text: string): number => app.log.filter(({ message }) => message.includes(text)).length;

const statusOf = async (tenant: string): Promise<SyncStatus> =>
  (await app.call(`/api/tenants/${tenant}/sync`, READ)).json<SyncStatus & Record<string, unknown>>();

const until = (tenant: string, fits: (status: SyncStatus) => boolean): Promise<SyncStatus> => {
  let last: SyncStatus | undefined;
  return waitFor(
    async () => {
      last = await statusOf(tenant);
      return fits(last) ? last : undefined;
    },
    () => JSON.stringify(last),
  );
};

describe('the timer', () => {
  test('has every tenant synced that was never synced, with nobody asking', async () => {
    for (const tenant of tenants)
      app.cloud.defender.tenant(tenant).createIncident({ displayName: 'By timer' });
    expect(await trigger('enqueue-due-tenants')).toMatch(/^ok/);
    for (const tenant of tenants) {
      // Current comes before the end of a run: the next message would find its lease.
      const { incidents, failing } = await until(
        tenant,
        ({ state, run }) => state === 'current' && run === undefined,
      );
      expect({ incidents, failing }).toEqual({ incidents: 1, failing: undefined });
    }
  });
});

describe('a message of the sync queue', () => {
  test.each([
    '',
    'garbage',
    '{"v":1}',
    '{"v":2,"tenant":"x"}',
    '{"v":1,"tenant":"../x"}',
    'null',
    '[]',
    { v: 1, tenant: STRANGER },
  ])('that is not ours is noted and let go: %j', async (message) => {
    const wanted = typeof message === 'object' ? 'sync.unknown_tenant' : 'sync.foreign_message';
    const before = linesWith(wanted);
    expect(await trigger('sync-tenant', message)).toMatch(/^ok/);
    expect(linesWith(wanted)).toBe(before + 1);
  });

  test('brings what is new', async () => {
    const [tenant = ''] = tenants;
    const { id } = app.cloud.defender.tenant(tenant).createIncident({ displayName: 'By message' });
    expect(await trigger('sync-tenant', { v: 1, tenant })).toMatch(/^ok/);
    const answer = await app.call(`/api/tenants/${tenant}/incidents/${id}`, READ);
    expect(answer.status, answer.text).toBe(200);
  });
});

describe('a poisoned message', () => {
  test('makes its tenant failing, is announced, loses nothing, and the next good run mends it', async () => {
    const [tenant = ''] = tenants;
    const before = await statusOf(tenant);
    const began = Date.now();
    for (const runs of [1, 2]) {
      expect(await trigger('record-poisoned-sync', { v: 1, tenant })).toMatch(/^ok/);
      const { state, failing, incidents, watermarks } = await statusOf(tenant);
      expect(state).toBe('failing');
      expect(failing).toMatchObject({ runs, code: 'internal', text: expect.stringContaining(tenant) });
      expect(Date.parse(failing?.since ?? '')).toBeGreaterThanOrEqual(began - 1_000);
      expect({ incidents, watermarks }).toEqual({
        incidents: before.incidents,
        watermarks: before.watermarks,
      });
    }
    expect((await app.logged('sync.poisoned')).message).toContain(tenant);
    expect((await statusOf(tenants[1] ?? '')).state).toBe('current');
    expect(await trigger('sync-tenant', { v: 1, tenant })).toMatch(/^ok/);
    expect(await until(tenant, ({ state }) => state === 'current')).toMatchObject({
      incidents: before.incidents,
    });
    expect((await statusOf(tenant)).failing).toBeUndefined();
  });

  test.each(['garbage', { v: 1, tenant: STRANGER }])(
    'of nobody is announced and let go: %j',
    async (message) => {
      const before = linesWith('sync.poisoned');
      expect(await trigger('record-poisoned-sync', message)).toMatch(/^ok/);
      expect(linesWith('sync.poisoned')).toBe(before + 1);
    },
  );
});

describe('a message of the hunting queue', () => {
  test.each(['garbage', '{"v":1}', { v: 1, tenant: STRANGER, run: 'x', turn: 0, requestedMs: 1 }])(
    'that is not ours is noted and let go: %j',
    async (message) => {
      const before = linesWith('hunt.foreign_message');
      expect(await trigger('run-hunt', message)).toMatch(/^ok/);
      expect(linesWith('hunt.foreign_message')).toBe(before + 1);
      const poisoned = linesWith('hunt.poisoned');
      expect(await trigger('record-poisoned-hunt', message)).toMatch(/^ok/);
      expect(linesWith('hunt.poisoned')).toBe(poisoned + 1);
    },
  );

  test('that is poisoned ends its run as failed, and only one that has not ended', async () => {
    const [tenant = ''] = tenants;
    await app.cloud.defender.hunting.failNext({ tenant, kind: 'cpu' });
    const asked = await app.call(`/api/tenants/${tenant}/hunts`, {
      method: 'POST',
      roles: ['Hunts.Run'],
      headers: { prefer: 'respond-async' },
      body: { query: 'DeviceInfo | take 1' },
    });
    const { runId, statusUrl } = asked.json<{ runId: string; statusUrl: string }>();
    const message = { v: 1, tenant, run: runId, turn: 0, requestedMs: Date.now() };
    expect(await trigger('record-poisoned-hunt', message)).toMatch(/^ok/);
    const ended = await app.call(statusUrl, { roles: ['Hunts.Read'] });
    expect(ended.json()).toMatchObject({ runId, state: 'failed', failure: { code: 'internal' } });
    expect(await trigger('run-hunt', message)).toMatch(/^ok/);
    expect((await app.call(statusUrl, { roles: ['Hunts.Read'] })).json()).toEqual(ended.json());
  });
});

describe('a scheduled hunt', () => {
  const QUERY = 'device-recovery-sabotage';
  const HUNTS = { roles: ['Hunts.Read'] };

  interface Scheduled {
    readonly tenantId: string;
    readonly failing?: { readonly text: string };
    readonly lastRun?: Readonly<Record<'announced' | 'learned' | 'seenAgain' | 'rows', number>> & {
      readonly runId: string;
      readonly state: string;
    };
  }

  async function ended(
    tenant: string,
    unlike: string | undefined,
  ): Promise<NonNullable<Scheduled['lastRun']>> {
    let seen = '';
    return waitFor(
      async () => {
        const answer = await app.call(`/api/queries/${QUERY}`, HUNTS);
        seen = answer.text;
        const { scheduled } = answer.json<{ scheduled: Scheduled[] }>();
        const { failing, lastRun } = scheduled.find(({ tenantId }) => tenantId === tenant) ?? {};
        if (failing) throw new Error(failing.text);
        return lastRun?.runId === unlike ? undefined : lastRun;
      },
      () => seen,
    );
  }

  test('stores what it finds, once, and tells what it sees again', async () => {
    const [, tenant = ''] = tenants;
    const { text } = (await app.call(`/api/queries/${QUERY}`, HUNTS)).json<{ text: string }>();
    await app.cloud.defender.hunting.rule({ query: text, rowsPerHour: 2 });
    const due = (dueMs: number) => trigger('run-scheduled-hunt', { v: 1, tenant, queryId: QUERY, dueMs });
    expect(await due(Date.now() - 2_000)).toMatch(/^ok/);
    const first = await ended(tenant, undefined);
    expect(first).toMatchObject({ state: 'succeeded', seenAgain: 0 });
    expect(first.announced + first.learned).toBeGreaterThan(0);
    expect(await due(Date.now() - 1_000)).toMatch(/^ok/);
    const second = await ended(tenant, first.runId);
    expect(second.seenAgain).toBeGreaterThan(0);

    const listed = await app.call(`/api/findings?tenant=${tenant}&query=${QUERY}&state=open&top=1`, HUNTS);
    const { value, nextLink } = listed.json<{ value: Record<string, unknown>[]; nextLink?: string }>();
    expect(value).toMatchObject([
      {
        tenantId: tenant,
        queryId: QUERY,
        state: 'open',
        times: 1,
        rowIsLarge: false,
        row: expect.any(Object),
      },
    ]);
    const one = await app.call(`/api/findings/${value[0]?.id}?tenant=${tenant}&query=${QUERY}`, HUNTS);
    expect(one.json()).toEqual(value[0]);
    if (nextLink !== undefined) {
      const next = (await app.call(nextLink, HUNTS)).json<{ value: { id: string }[] }>();
      expect(next.value[0]?.id).not.toBe(value[0]?.id);
    }
    const others = await app.call(`/api/findings?tenant=${tenants[0]}`, HUNTS);
    expect(others.json()).toEqual({ value: [] });
  });

  test('that is poisoned is failing, and says what to do', async () => {
    const [tenant = ''] = tenants;
    expect(await trigger('record-poisoned-schedule', { v: 1, tenant, queryId: QUERY, dueMs: 1 })).toMatch(
      /^ok/,
    );
    const { scheduled } = (await app.call(`/api/queries/${QUERY}`, HUNTS)).json<{ scheduled: Scheduled[] }>();
    const failing = scheduled.find(({ tenantId }) => tenantId === tenant)?.failing;
    expect(failing?.text).toContain('hunt.schedule_poisoned');
  });

  test.each(['garbage', { v: 1, tenant: STRANGER, queryId: QUERY, dueMs: 1 }])(
    'of nobody is let go: %j',
    async (message) => {
      expect(await trigger('run-scheduled-hunt', message)).toMatch(/^ok/);
      expect(await app.logged('hunt.foreign_message')).toBeDefined();
    },
  );
});

describe('a run that was asked for', () => {
  test('is one and the same while it is under way, and its address says when it has ended', async () => {
    const tenant = tenants[1] ?? '';
    const post = () =>
      app.call(`/api/tenants/${tenant}/incidents/sync`, { method: 'POST', roles: ['Incidents.Sync'] });
    const answers = await Promise.all([post(), post(), post()]);
    const runs = answers.map((answer) => answer.json<{ run: string; statusUrl: string; tenantId: string }>());
    expect(new Set(runs.map(({ run }) => run)).size).toBe(1);
    for (const [index, { headers, status }] of answers.entries()) {
      expect(status).toBe(202);
      expect(headers.get('location')).toBe(runs[index]?.statusUrl);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const location = answers[0]?.headers.get('location') ?? '';
    expect(new URL(location).origin).toBe(app.url);
    expect((await app.call(location)).status).toBe(401);
    const ended = await waitFor(
      async () => {
        const answer = await app.call(location, READ);
        return answer.status === 202 ? undefined : answer;
      },
      () => location,
    );
    expect(ended.status).toBe(200);
    const { run, ...status } = ended.json<SyncStatus & Record<string, unknown>>();
    expect(status).toMatchObject({ tenantId: tenant, state: 'current' });
    expect(run).not.toBe(runs[0]?.run);
  });
});
