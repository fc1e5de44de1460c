import { expect, it } from 'vitest';
import { OutriderError } from '../../../shared/errors.ts';
import { verdictOn } from '../../../shared/hunting/run/trouble.ts';
import type { Rule } from './deployed.ts';
import { type Played, playDeployment } from './played.ts';
import { MINUTES } from './rules.ts';
import { runQuery } from './run-query.ts';
import type { Row } from './scalars.ts';

const [A, B] = ['aaaaaaaa-0000-4000-8000-000000000000', 'bbbbbbbb-0000-4000-8000-000000000000'];
const MINUTE = 60_000;
/** The answer of each rule that fires, asked now: it sees its window of the log and no more. */
function firedOf(rules: readonly Rule[], played: Played): Readonly<Record<string, readonly Row[]>> {
  const { now, tables } = played.logs();
  return Object.fromEntries(
    rules
      .map(({ name, query, window }) => {
        const from = now - (MINUTES[window] ?? 0) * MINUTE;
        const inWindow = (rows: readonly Row[] = []): Row[] =>
          rows.filter((row) => Number(row.TimeGenerated) > from);
        const seen = { AppTraces: inWindow(tables.AppTraces), AppRequests: inWindow(tables.AppRequests) };
        return [name, runQuery(query, { now, tables: seen })] as const;
      })
      .filter(([, rows]) => rows.length > 0),
  );
}

const tenantsOf = (rows: readonly Row[] | undefined): unknown[] => (rows ?? []).map(({ Tenant }) => Tenant);
const failWith = (played: Played, tenant: string, error: OutriderError | undefined): void => {
  played.sourceOf(tenant).before = () => {
    if (error) throw error;
  };
};

/** Alerts, asked of the log that the real timer and the real sync write. In one process with whoever asks: the
 * language service takes seconds to load. */
export function firingTests(rules: () => readonly Rule[]): void {
  const fired = (played: Played): Readonly<Record<string, readonly Row[]>> => firedOf(rules(), played);

  it('are silent while all is well, after the start as after hours', async () => {
    const played = playDeployment({ [A]: 5, [B]: 15 });
    for (const minutes of [16, 30, 120]) {
      await played.minutes(minutes);
      expect(fired(played)).toEqual({});
    }
  });

  it('fire when the timer stops: the heartbeat within 15 minutes', async () => {
    const played = playDeployment({ [A]: 5 });
    await played.minutes(60);
    played.stopTimer();
    await played.minutes(10);
    expect(fired(played)).toEqual({});
    await played.minutes(6);
    expect(Object.keys(fired(played))).toEqual(['heartbeat']);
  });

  it('fire for the one tenant that is not fresh, and say why; and end when it is again', async () => {
    const played = playDeployment({ [A]: 5, [B]: 5 });
    await played.minutes(60);
    failWith(
      played,
      B,
      new OutriderError('upstream.forbidden', 'A role is missing: add it.', { trackingId: 't1' }),
    );
    await played.minutes(30);
    const during = fired(played);
    expect(tenantsOf(during['tenant-not-fresh'])).toEqual([B]);
    expect(during['sync-failing']).toMatchObject([
      { Tenant: B, Code: 'upstream.forbidden', WhatToDo: 'A role is missing: add it.', TrackingId: 't1' },
    ]);
    failWith(played, B, undefined);
    await played.minutes(60);
    expect(fired(played)).toEqual({});
  });

  it('fire for a tenant that never had a success, and for one whose runs say nothing at all', async () => {
    const played = playDeployment({ [A]: 5, [B]: 5 });
    failWith(played, B, new OutriderError('auth.consent_missing', 'Nobody consented.'));
    await played.minutes(30);
    expect(tenantsOf(fired(played)['tenant-not-fresh'])).toEqual([B]);
    // As if its messages were lost: it was due, and nothing came of it.
    const silent = played.traces.filter(({ Message }) => !/"tenant":"bbbb/.test(String(Message)));
    played.traces.splice(0, played.traces.length, ...silent);
    expect(tenantsOf(fired(played)['tenant-not-fresh'])).toEqual([B]);
    expect(fired(played)['sync-failing']).toBeUndefined();
  });

  it('do not fire for alerts that alone are refused: the tenant is fresh, and said to fail', async () => {
    const played = playDeployment({ [A]: 5 });
    await played.minutes(30);
    played.sourceOf(A).before = (call) => {
      if (call === 'alerts')
        throw new OutriderError('upstream.forbidden', 'SecurityAlert.Read.All is missing.');
    };
    await played.minutes(60);
    expect(Object.keys(fired(played))).toEqual(['sync-failing']);
  });

  it('know that a tenant that is due once a day is late after a day', async () => {
    const played = playDeployment({ [A]: 120, [B]: 1_440 });
    await played.minutes(1_440);
    failWith(played, B, new OutriderError('upstream.unavailable', 'down'));
    await played.minutes(1_440);
    expect(tenantsOf(fired(played)['tenant-not-fresh'])).toEqual([]);
    await played.minutes(1_440 + 10);
    expect(tenantsOf(fired(played)['tenant-not-fresh'])).toEqual([B]);
  });

  it('forget a tenant that is due no more', async () => {
    const played = playDeployment({ [A]: 5, [B]: 5 });
    failWith(played, B, new OutriderError('upstream.forbidden', 'No more.'));
    await played.minutes(40);
    expect(tenantsOf(fired(played)['tenant-not-fresh'])).toEqual([B]);
    played.suspend(B);
    await played.minutes(121);
    expect(fired(played)['tenant-not-fresh']).toBeUndefined();
  });

  it('tell throttling from failing', async () => {
    const played = playDeployment({ [A]: 5 });
    await played.minutes(10);
    failWith(
      played,
      A,
      new OutriderError('upstream.throttled', 'Too many requests.', { retryAfterMs: 60_000 }),
    );
    await played.minutes(30);
    const now = fired(played);
    expect(now.quota).toMatchObject([{ Tenant: A, Reasons: ['upstream.throttled'] }]);
    expect(now['sync-failing']).toBeUndefined();
  });

  it.each(['hunt.call_quota', 'hunt.cpu_quota'] as const)(
    'tell that hunts wait for their share: %s',
    async (code) => {
      const verdict = verdictOn(new OutriderError(code, 'Used up.'));
      const played = playDeployment({ [A]: 5 });
      await played.minutes(5);
      for (let turn = 2; turn < 5; turn++) {
        // Handed on because a result is large, it waits for nothing.
        played.say('hunt.handed_on', { tenant: A, turn });
        expect(fired(played)).toEqual({});
      }
      const waitsFor = verdict.kind === 'wait' ? verdict.why : '';
      for (let turn = 2; turn < 5; turn++) played.say('hunt.handed_on', { tenant: A, turn, waitsFor });
      expect(fired(played).quota).toEqual([{ Tenant: A, Times: 3, Reasons: [waitsFor] }]);
    },
  );

  it('fire for a credential that is refused, with what to do', async () => {
    const played = playDeployment({ [A]: 5 });
    failWith(played, A, new OutriderError('auth.secret_expired', 'Put a new version into the vault.'));
    await played.minutes(12);
    expect(fired(played).credential).toMatchObject([
      { Tenant: A, Code: 'auth.secret_expired', WhatToDo: 'Put a new version into the vault.' },
    ]);
  });

  it('fire for a credential that expires soon, and go on until it is replaced', async () => {
    const played = playDeployment({ [A]: 60 });
    await played.minutes(5);
    played.say('credential.expires_soon', {
      tenant: A,
      tenants: 3,
      kind: 'secret',
      name: 'contoso',
      days: 12,
    });
    await played.minutes(1_440 + 60);
    played.say('credential.expires_soon', {
      tenant: A,
      tenants: 3,
      kind: 'secret',
      name: 'contoso',
      days: 11,
    });
    expect(fired(played)['credential-expiring']).toEqual([
      { Tenant: A, Name: 'contoso', Kind: 'secret', Days: 11, Tenants: 3 },
    ]);
    await played.minutes(2 * 1_440 + 1);
    expect(fired(played)['credential-expiring']).toBeUndefined();
  });

  it('fire for a message that was given up', async () => {
    const played = playDeployment({ [A]: 5 });
    await played.minutes(10);
    await played.poison();
    expect(fired(played).poisoned).toMatchObject([{ Event: 'sync.poisoned', Times: 1 }]);
    await played.minutes(31);
    expect(fired(played).poisoned).toBeUndefined();
  });

  it('fire for a scheduled hunt that fails again and again since its findings were stored', async () => {
    const played = playDeployment({ [A]: 5 });
    await played.minutes(5);
    const query = { tenant: A, query: 'q1' };
    for (let time = 0; time < 3; time++)
      played.say('hunt.schedule_failing', { ...query, code: 'hunt.query_invalid' });
    expect(fired(played)['hunts-failing']).toMatchObject([{ Tenant: A, Query: 'q1', Failures: 3 }]);
    await played.minutes(1);
    played.say('findings.stored', { ...query, whole: true });
    expect(fired(played)['hunts-failing']).toBeUndefined();
  });

  it('fire for answers of 500 and more, seen by us or by the platform alone; not for health’s 503', async () => {
    const played = playDeployment({ [A]: 5 });
    await played.minutes(5);
    const request = (OperationName: string, ResultCode: string, ItemCount: number) =>
      played.requests.push({ TimeGenerated: played.now(), OperationName, ResultCode, ItemCount });
    request('get-health', '503', 100);
    request('list-incidents', '404', 100);
    request('sync-tenant', '0', 100);
    expect(fired(played)).toEqual({});
    // One that was kept stands for five.
    request('list-incidents', '502', 5);
    expect(fired(played)['api-5xx']).toEqual([{ Failed: 5 }]);
    played.requests.length = 0;
    for (let time = 0; time < 5; time++) played.say('http.failed', { code: 'internal' });
    expect(fired(played)['api-5xx']).toEqual([{ Failed: 5 }]);
  });
}
