import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../../shared/errors.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { runScheduledHunt } from '../../../shared/hunting/schedule/run-scheduled.ts';
import { settleHuntMessage } from '../../../shared/hunting/schedule/settle.ts';
import { TENANT_ID } from '../../support/tenant-with.ts';
import { createScheduleRig, HOUR, QUERY } from './schedule-rig.ts';

describe('a message of the schedule', () => {
  it('of a broken query sends nothing; the state says what to correct', async () => {
    const rig = createScheduleRig();
    const error = {
      code: 'KS142',
      severity: 'error',
      message: 'No column Devcie.',
      start: 0,
      length: 1,
    } as const;
    rig.library.check = { ...rig.library.check, diagnostics: [error] };
    await rig.tick();
    expect(rig.service.calls).toEqual([]);
    expect(await rig.runs()).toEqual([]);
    const failing = (await rig.state())?.failing;
    expect(failing?.code).toBe('hunt.query_invalid');
    expect(failing?.text).toContain('KS142: No column Devcie. Correct queries/odd.yaml');
  });

  it('that comes again, or late, asks for nothing', async () => {
    const rig = createScheduleRig();
    const dueMs = rig.clock.now();
    rig.due(dueMs);
    rig.due(dueMs);
    await rig.settle();
    rig.due(dueMs - HOUR);
    await rig.settle({ copies: 2 });
    expect(await rig.runs()).toHaveLength(1);
    rig.clock.advance(HOUR);
    rig.due();
    await rig.settle({ copies: 2 });
    // Both deliveries asked for a run; nobody waits for the second.
    expect((await rig.runs()).map(({ state }) => state).sort()).toEqual([
      'cancelled',
      'succeeded',
      'succeeded',
    ]);
  });

  it('has the findings of a run stored that ended before the state named it', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a' });
    const parts = rig.dependencies();
    const settled: string[] = [];
    const { transact } = parts.findings.table;
    const table = {
      ...parts.findings.table,
      async transact(...args: Parameters<typeof transact>) {
        const text = rig.store.messages[0]?.text;
        if (text !== undefined && settled.length === 0) {
          await runHunt(parts, text);
          settled.push(await settleHuntMessage(parts, text));
        }
        return transact(...args);
      },
    };
    const message = { v: 1, tenant: TENANT_ID, queryId: QUERY.id, dueMs: 1 };
    const findings = { ...parts.findings, table };
    expect(await rig.clock.run(runScheduledHunt({ ...parts, findings }, message))).toBe('requested');
    expect(settled).toEqual(['none']);
    expect(rig.feed()).toHaveLength(1);
    expect((await rig.state())?.active).toBeUndefined();
  });

  it('replaces a run that has not begun, and leaves one under way', async () => {
    const rig = createScheduleRig();
    const send = (dueMs: number) =>
      rig.clock.run(
        runScheduledHunt(rig.dependencies(), { v: 1, tenant: TENANT_ID, queryId: QUERY.id, dueMs }),
      );
    expect(await send(1)).toBe('requested');
    expect(await send(2)).toBe('requested');
    const [newer, older] = (await rig.runs()).sort((a, b) => a.state.localeCompare(b.state));
    expect([newer?.state, older?.state]).toEqual(['queued', 'superseded']);
    expect(older?.supersededBy).toBe(newer?.id);
    rig.service.fails = new OutriderError('hunt.cpu_quota', 'busy', { retryAfterMs: HOUR });
    await rig.settle({ mostMs: 0 }).catch(() => {});
    expect((await rig.runs()).map(({ state }) => state)).toContain('throttled');
    expect(await send(3)).toBe('busy');
    // Its messages are lost: it would stay under way for ever.
    rig.clock.advance(9 * HOUR);
    expect(await send(4)).toBe('requested');
    expect((await rig.runs()).map(({ state }) => state).sort()).toEqual([
      'queued',
      'superseded',
      'superseded',
    ]);
  });

  it('for an unknown query, a tenant it is not for, or no message of ours does nothing', async () => {
    const rig = createScheduleRig();
    const send = (message: unknown) => runScheduledHunt(rig.dependencies(), message);
    const message = { v: 1, tenant: TENANT_ID, queryId: QUERY.id, dueMs: 1 };
    expect(await send({ ...message, queryId: 'other' })).toBe('notScheduled');
    expect(await send({ ...message, tenant: '99999999-1111-4111-8111-111111111111' })).toBe('notScheduled');
    rig.deploy({ tenants: ['fabrikam'] });
    expect(await send(message)).toBe('notScheduled');
    rig.deploy({ tenants: ['CONTOSO'], enabled: false });
    expect(await send(message)).toBe('notScheduled');
    rig.deploy({ enabled: true });
    expect(await send({ ...message, v: 2 })).toBe('foreign');
    expect(await send('{')).toBe('foreign');
    expect(await rig.clock.run(send(JSON.stringify(message)))).toBe('requested');
  });
});

describe('a scheduled hunt with nothing to find', () => {
  it('costs two reads and two writes beside its run', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a' });
    await rig.tick();
    rig.clock.advance(3 * HOUR);
    await rig.tick();
    rig.clock.advance(HOUR);
    const before = { ...rig.incidents.calls };
    await rig.tick();
    const { get, range, transact } = rig.incidents.calls;
    expect([get - before.get, range - before.range, transact - before.transact]).toEqual([2, 0, 2]);
  });
});
