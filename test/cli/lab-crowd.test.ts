import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createCrowd } from '../../cli/commands/lab/crowd.ts';
import { huntTable } from '../../cli/commands/lab/hunt-table.ts';
import { tenantTable } from '../../cli/commands/lab/tenant-table.ts';
import { createScreen } from '../../cli/output/screen.ts';
import type { SessionEvent, SessionTenant } from '../../lab/session/events.ts';
import type { TenantHunts } from '../../lab/session/hunt-log.ts';
import type { TenantRow } from '../../lab/session/rows.ts';
import type { Session } from '../../lab/session/session.ts';
import { createSyncWatch, type TenantSync } from '../../lab/session/sync-watch.ts';
import { createWorld } from '../../lab/world.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

function tenantsOf(tenants: number): readonly SessionTenant[] {
  return createWorld({ tenants }).tenants.map(({ id, name, api, credential }) => ({
    id,
    name,
    api,
    credential: credential.kind,
  }));
}

/** What is said of a start in which all tenants go through everything. */
function told(tenants: number): readonly string[] {
  const crowd = createCrowd(tenants);
  const all = tenantsOf(tenants);
  const at = NOW;
  const events: readonly SessionEvent[] = [
    ...all.map((tenant) => ({ kind: 'served', at, tenant, incidents: 30, from: 'generated' }) as const),
    ...all.map((tenant) => ({ kind: 'signedIn', at, tenant }) as const),
    ...all.map((tenant) => ({ kind: 'firstPage', at, tenant }) as const),
    ...all.map((tenant) => ({ kind: 'loaded', at, tenant, incidents: 30, versions: 30 }) as const),
    ...all.slice(-1).map((tenant) => ({ kind: 'failing', at, tenant, text: 'no' }) as const),
  ];
  return events.flatMap((event) => crowd.text(event)?.text ?? []);
}

describe('the start of a lab', () => {
  it('of a few customers tells of each', () => {
    expect(told(2)).toHaveLength(9);
    expect(createCrowd(10).barOf(tenantsOf(1)[0] as SessionTenant)).toBe('Fabrikam');
  });

  it('of fifty tells of the first ones and of numbers, and of every failure', () => {
    const lines = told(50);
    expect(lines.length).toBeLessThan(30);
    expect(lines).toContain('45 more tenants with 1,350 incidents');
    expect(lines).toContain('10 of 50 tenants are loaded');
    expect(lines.at(-2)).toBe('All 50 tenants are loaded');
    expect(lines.at(-1)).toBe('Customer 50: the sync fails: no');
    expect(lines.filter((line) => line.startsWith('Customer 9'))).toEqual([]);
    expect(createCrowd(50).barOf(tenantsOf(1)[0] as SessionTenant)).toBe('50 tenants');
  });
});

it('one that joins fifty is told of from then on', () => {
  const crowd = createCrowd(50);
  const [, joiner] = tenantsOf(51).slice(-2) as [SessionTenant, SessionTenant];
  const at = NOW;
  const signedIn = { kind: 'signedIn', at, tenant: joiner } as const;
  expect(crowd.text(signedIn)).toBeUndefined();
  const joined = crowd.text({ kind: 'joined', at, tenant: joiner, how: 'kept' });
  expect(joined?.text).toBe('Customer 51: connected before, as the kept storage has it');
  expect(crowd.text(signedIn)?.text).toMatch(/^Customer 51: signed in /);
  const loaded = crowd.text({ kind: 'loaded', at, tenant: joiner, incidents: 1, versions: 2 });
  expect(loaded?.text).toBe('Customer 51: loaded, 1 incident in 2 versions');
});

function sessionOf(count: number, failing: number): Session {
  const tenants = tenantsOf(count);
  const rows = tenants.map(
    ({ id, name }): TenantRow => ({
      id,
      name,
      incidents: 30,
      versions: 31,
      apiCalls: 2,
      storageOps: 100,
      hunts: 1,
      newFindings: 2,
      seenAgain: 0,
    }),
  );
  const syncs = tenants.map(
    (tenant, place): TenantSync => ({
      tenant,
      answer: undefined,
      state: place === failing ? 'failing' : 'current',
      reason: undefined,
      rest: undefined,
    }),
  );
  const hunts = tenants.map(
    (tenant, place): TenantHunts => ({
      tenant,
      runs: place % 2,
      found: 3,
      seenAgain: 1,
      lastAt: NOW - 60_000,
      failing: new Map(place === 41 ? [['query', 'code']] : []),
    }),
  );
  return { tenants, rows: () => rows, syncs: () => syncs, hunts: () => hunts } as unknown as Session;
}

describe('the tables of fifty customers', () => {
  const screen = createScreen(new PassThrough() as unknown as NodeJS.WriteStream);

  it('show ten, failing ones first, the sums, and where the others are', () => {
    const lines = tenantTable(sessionOf(50, 33), screen, NOW).split('\n');
    expect(lines).toHaveLength(13);
    expect(lines[1]).toMatch(/Customer 34 .*failing/);
    expect(lines[2]).toMatch(/Fabrikam .*current/);
    expect(lines[11]).toMatch(/All 50 +49 current +1,500 +1,550 +100 +5,000/);
    expect(lines[12]).toBe('  The other 40: npx outrider lab status');
  });

  it('show everybody where there are few', () => {
    expect(tenantTable(sessionOf(3, 1), screen, NOW).split('\n')).toHaveLength(4);
    expect(huntTable(sessionOf(3, 1), screen, NOW)?.split('\n')).toHaveLength(4);
  });

  it('show hunts of those that had any', () => {
    const lines = huntTable(sessionOf(50, 33), screen, NOW)?.split('\n') ?? [];
    expect(lines).toHaveLength(12);
    expect(lines[1]).toMatch(/Customer 42 +1 +3 +1 +1 /);
    expect(lines[11]).toMatch(/All 50 +25 +150 +50 +1 +1 min ago/);
  });
});

it('asks the app for few of fifty tenants at a time, and for each less often while they load', async () => {
  let running = 0;
  let most = 0;
  let asked = 0;
  let time = NOW;
  const call = async <Answer>(answer: Answer): Promise<Answer> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    return answer;
  };
  const watch = createSyncWatch({
    tenants: tenantsOf(50),
    client: {
      startSync: () => call(undefined),
      async sync() {
        asked += 1;
        return call({ state: 'loading', incidents: 0, versions: 0 } as const);
      },
    },
    onEvent: () => undefined,
    now: () => time,
  });
  await watch.start();
  expect(most).toBe(8);
  await watch.tick([]);
  expect(asked).toBe(50);
  time += 4_000;
  await watch.tick([]);
  expect(asked).toBe(50);
  time += 1_000;
  await watch.tick([]);
  expect([asked, most]).toEqual([100, 8]);
});
