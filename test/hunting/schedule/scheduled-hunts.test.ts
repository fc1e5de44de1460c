import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../../shared/errors.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { recordPoisonedSchedule } from '../../../shared/hunting/schedule/poisoned.ts';
import {
  cancelRunAndSettle,
  recordPoisonedAndSettle,
} from '../../../shared/hunting/schedule/run-and-settle.ts';
import { runScheduledHunt } from '../../../shared/hunting/schedule/run-scheduled.ts';
import { settleHuntMessage } from '../../../shared/hunting/schedule/settle.ts';
import { TENANT_ID, tenantWith } from '../../support/sync-rig.ts';
import { createScheduleRig, DAY, HOUR, MINUTE, QUERY, shown } from './schedule-rig.ts';

describe('new findings', () => {
  it('go to the change feed once; seen again only updates last seen and count', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a' });
    rig.event({ Device: 'b' });
    await rig.tick();
    const began = rig.clock.now();
    rig.clock.advance(30 * MINUTE);
    rig.event({ Device: 'c' });
    await rig.tick();
    expect(rig.feed()).toMatchObject([
      { kind: 'finding', change: 'created', queryId: 'Odd-Sign-Ins', severity: 'high', sequence: 1 },
      { kind: 'finding', sequence: 2 },
      { kind: 'finding', sequence: 3 },
    ]);
    const findings = await rig.findings();
    expect(shown(findings)).toEqual(expect.arrayContaining(['a', 'b', 'c']));
    expect(findings).toHaveLength(3);
    const a = findings.find(({ row }) => row?.includes('"a"'));
    expect(a).toMatchObject({ state: 'open', count: 2, times: 1, queryName: 'Odd sign-ins' });
    expect(a?.lastSeenMs).toBeGreaterThan(began);
    expect(await rig.state()).toMatchObject({
      counts: { open: 3, ended: 0, announced: 3 },
      lastRun: { announced: 1, seenAgain: 2, rows: 3, state: 'succeeded', triggered: true },
    });
  });

  it('are told by their keys, exactly, and not by what else the row says', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a', Detail: 1 });
    rig.event({ Device: 'a', Detail: 2 });
    rig.event({ Device: null });
    await rig.tick();
    expect(rig.feed()).toHaveLength(2);
  });

  it('are learned silently by a first run that is told to, until one succeeded whole', async () => {
    const rig = createScheduleRig({
      query: { ...QUERY, schedule: { ...QUERY.schedule, learnSilently: true } },
    });
    rig.event({ Device: 'a' });
    rig.event({ Device: 'b' });
    rig.service.cut = { words: 'PartialError', rows: 1 };
    await rig.tick();
    rig.service.cut = undefined;
    rig.clock.advance(MINUTE);
    await rig.tick();
    expect(rig.feed()).toEqual([]);
    expect(await rig.findings()).toHaveLength(2);
    expect(await rig.state()).toMatchObject({
      learned: { why: 'firstRun' },
      counts: { open: 2, announced: 0 },
    });
    rig.clock.advance(MINUTE);
    rig.event({ Device: 'c' });
    await rig.tick();
    expect(rig.feed()).toHaveLength(1);
    expect((await rig.findings()).map(({ sequence }) => sequence)).toEqual([1, undefined, undefined]);
  });

  it('are not flooded by another definition of the keys; another version alone changes nothing', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a', Detail: 'x' });
    await rig.tick();
    rig.deploy({ version: '2', text: `${QUERY.text} // better` });
    rig.clock.advance(MINUTE);
    await rig.tick();
    expect(rig.feed()).toHaveLength(1);
    expect((await rig.findings())[0]?.count).toBe(2);
    rig.deploy({ keys: ['Detail', 'Device'] });
    rig.clock.advance(MINUTE);
    await rig.tick();
    expect(rig.feed()).toHaveLength(1);
    expect(await rig.state()).toMatchObject({ learned: { why: 'identityChanged' }, lastRun: { learned: 1 } });
    rig.deploy({ keys: ['Device', 'Detail'] });
    rig.event({ Device: 'a', Detail: 'y' });
    rig.clock.advance(MINUTE);
    await rig.tick();
    expect(rig.feed()).toHaveLength(2);
  });

  it('are learned under other keys until a run succeeded whole', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a', Detail: 'x' });
    rig.event({ Device: 'b', Detail: 'y' });
    await rig.tick();
    rig.deploy({ keys: ['Detail'] });
    for (const cut of [{ words: 'PartialError', rows: 1 }, undefined]) {
      rig.service.cut = cut;
      rig.clock.advance(MINUTE);
      await rig.tick();
    }
    expect(rig.feed()).toHaveLength(2);
    expect(await rig.findings()).toHaveLength(4);
  });

  it('end when they were not seen for long, and are new again when they come back', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a' });
    await rig.tick();
    // The first of these sees it once more, by the overlap.
    for (let day = 0; day < 4; day += 1) {
      rig.clock.advance(DAY);
      await rig.tick();
    }
    expect((await rig.findings())[0]?.state).toBe('open');
    rig.clock.advance(DAY);
    await rig.tick();
    expect(await rig.findings()).toMatchObject([{ state: 'ended', endedMs: rig.clock.now() }]);
    expect(rig.feed()).toHaveLength(1);
    rig.clock.advance(DAY);
    rig.event({ Device: 'a' });
    await rig.tick();
    expect(rig.feed()).toMatchObject([{ times: 1 }, { times: 2 }]);
    expect(await rig.findings()).toMatchObject([{ state: 'open', times: 2, count: 1, sequence: 2 }]);
    expect(await rig.state()).toMatchObject({ counts: { open: 1, ended: 0, announced: 2 } });
  });

  it('are not ended by an outage: only days that were looked at count', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a' });
    await rig.tick();
    rig.clock.advance(20 * DAY);
    rig.event({ Device: 'a' }, { atMs: rig.clock.now() - 10 * DAY });
    await rig.tick();
    expect(await rig.findings()).toMatchObject([{ state: 'open', count: 2 }]);
  });

  it('are deleted, rows and blob, when the tenant keeps what ended no longer', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a', Detail: 'x'.repeat(13_000) });
    await rig.tick();
    expect(rig.store.blobNames().filter((name) => name.includes('/findings/'))).toHaveLength(1);
    for (const days of [1, 4, 366]) {
      rig.clock.advance(days * DAY);
      await rig.tick();
    }
    expect(await rig.findings()).toEqual([]);
    expect(rig.store.blobNames().filter((name) => name.includes('/findings/'))).toEqual([]);
    expect(await rig.state()).toMatchObject({ counts: { open: 0, ended: 0, announced: 1 } });
  });

  it('are kept for ever under a legal hold', async () => {
    const tenant = tenantWith({ legalHold: true });
    const rig = createScheduleRig({ tenant });
    rig.event({ Device: 'a' });
    await rig.tick();
    for (const days of [1, 4, 366]) {
      rig.clock.advance(days * DAY);
      await rig.tick();
    }
    expect(await rig.findings()).toMatchObject([{ state: 'ended' }]);
  });

  it('need the trigger of the query', async () => {
    const rig = createScheduleRig({ query: { ...QUERY, trigger: { operator: 'gt', threshold: 1 } } });
    rig.event({ Device: 'a' });
    await rig.tick();
    expect(rig.feed()).toEqual([]);
    expect(await rig.state()).toMatchObject({ lastRun: { triggered: false, rows: 1 } });
    rig.event({ Device: 'b' });
    await rig.tick();
    expect(rig.feed()).toEqual([]);
    rig.clock.advance(MINUTE);
    await rig.tick();
    expect(rig.feed()).toHaveLength(2);
  });

  it('are not made of an answer without the key: the query fails with what to do', async () => {
    const rig = createScheduleRig({ columns: ['Timestamp', 'Detail'] });
    rig.event({ Detail: 'a' });
    await rig.tick();
    expect(rig.feed()).toEqual([]);
    const state = await rig.state();
    expect(state?.failing?.text).toContain('column Device, which its answer does not have');
    expect(state?.active).toBeUndefined();
    expect(state?.lastSuccessMs).toBeUndefined();
  });
});

describe('a watermark', () => {
  it('moves to the end of a run that succeeded; the next run overlaps it for late events', async () => {
    const rig = createScheduleRig();
    await rig.tick();
    const first = rig.clock.now();
    expect((await rig.state())?.watermarkMs).toBe(first);
    rig.clock.advance(50 * MINUTE);
    rig.event({ Device: 'late' }, { atMs: first - 9 * MINUTE, arrivesMs: first + 40 * MINUTE });
    await rig.tick();
    expect(shown(await rig.findings())).toEqual(['late']);
    expect(rig.service.calls.map(({ timespan }) => timespan?.split('/').map(Date.parse))).toEqual([
      [first - HOUR, first],
      [first - HOUR, first + 50 * MINUTE],
    ]);
  });

  it('stays where it is while runs fail, says since when and why, and one run catches up', async () => {
    const rig = createScheduleRig();
    await rig.tick();
    const before = rig.clock.now();
    rig.service.fails = new OutriderError('upstream.forbidden', 'The app lacks ThreatHunting.Read.All.');
    for (let n = 0; n < 3; n += 1) {
      rig.clock.advance(3 * HOUR);
      await rig.tick();
    }
    const failing = (await rig.state())?.failing;
    expect(failing).toMatchObject({ code: 'upstream.forbidden', count: 3 });
    expect(failing?.text).toContain('ThreatHunting.Read.All');
    expect(failing?.sinceMs).toBeLessThan(rig.clock.now() - 5 * HOUR);
    expect((await rig.state())?.watermarkMs).toBe(before);
    rig.event({ Device: 'a' }, { atMs: before + HOUR });
    rig.service.fails = undefined;
    await rig.tick();
    expect(rig.feed()).toEqual([]);
    rig.clock.advance(MINUTE);
    await rig.tick();
    expect(rig.feed()).toHaveLength(1);
    expect((await rig.state())?.failing).toBeUndefined();
    expect((await rig.state())?.watermarkMs).toBe(rig.clock.now());
  });

  it('is there from the first due time on: what a first run that failed should have seen is not lost', async () => {
    const rig = createScheduleRig();
    const error = { code: 'KS142', severity: 'error', message: 'No.', start: 0, length: 1 } as const;
    rig.event({ Device: 'a' });
    rig.library.check = { ...rig.library.check, diagnostics: [error] };
    await rig.tick();
    rig.clock.advance(3 * HOUR);
    rig.deploy({});
    rig.library.check = { ...rig.library.check, diagnostics: [] };
    rig.service.fails = new OutriderError('upstream.forbidden', 'No.');
    await rig.tick();
    rig.clock.advance(3 * HOUR);
    rig.service.fails = undefined;
    await rig.tick();
    expect(shown(await rig.findings())).toEqual(['a']);
  });

  it('stays behind a truncated run, whose findings are stored', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a' });
    rig.event({ Device: 'b' });
    rig.service.cut = { words: 'PartialError', rows: 1 };
    await rig.tick();
    expect(rig.feed()).toHaveLength(1);
    const state = await rig.state();
    expect(state?.watermarkMs).toBe(rig.clock.now() - HOUR);
    expect(state?.lastSuccessMs).toBeUndefined();
    expect(state?.failing?.text).toContain('the next run looks at the same span again');
    rig.service.cut = undefined;
    rig.clock.advance(MINUTE);
    await rig.tick();
    expect(rig.feed()).toHaveLength(2);
    expect((await rig.state())?.failing).toBeUndefined();
  });

  it('that is older than what the service keeps leaves a gap that is told', async () => {
    const rig = createScheduleRig();
    await rig.tick();
    const first = rig.clock.now();
    rig.clock.advance(40 * DAY);
    await rig.tick();
    expect(await rig.state()).toMatchObject({
      gap: { fromMs: first, toMs: first + 10 * DAY, atMs: rig.clock.now() },
    });
    expect(rig.logged.map(({ event }) => event)).toContain('hunt.gap');
  });
});

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

describe('a message that failed again and again', () => {
  it('of a schedule is told in the state of its query, and the next due time tries again', async () => {
    const rig = createScheduleRig();
    const message = { v: 1, tenant: TENANT_ID, queryId: QUERY.id, dueMs: 1 };
    await recordPoisonedSchedule(rig.dependencies(), message);
    await recordPoisonedSchedule(rig.dependencies(), '{');
    expect(await rig.state()).toMatchObject({
      failing: { code: 'internal', count: 1 },
      watermarkMs: 1 - HOUR,
    });
    expect(rig.logged.filter(({ event }) => event === 'hunt.schedule_poisoned')).toHaveLength(2);
    await rig.tick();
    expect((await rig.state())?.failing).toBeUndefined();
  });
});

describe('a scheduled run that somebody ended', () => {
  /** A run that is asked for, and not begun. */
  async function asked() {
    const rig = createScheduleRig();
    const message = { v: 1, tenant: TENANT_ID, queryId: QUERY.id, dueMs: 1 };
    await rig.clock.run(runScheduledHunt(rig.dependencies(), message));
    return { rig, run: (await rig.state())?.active?.run ?? '' };
  }

  it('by cancelling is not waited for, and nothing is called failing', async () => {
    const { rig, run } = await asked();
    const target = { tenant: TENANT_ID, run, by: 'analyst' };
    const ended = await rig.clock.run(cancelRunAndSettle(rig.dependencies(), target));
    expect(ended).toMatchObject({ id: run, state: 'cancelled', cancelledBy: 'analyst' });
    const state = await rig.state();
    expect(state).toMatchObject({ lastRun: { run, state: 'cancelled', announced: 0 } });
    expect([state?.active, state?.failing, state?.lastSuccessMs]).toEqual([undefined, undefined, undefined]);
    const absent = { ...target, run: `${run.slice(0, -1)}${run.endsWith('0') ? '1' : '0'}` };
    expect(await cancelRunAndSettle(rig.dependencies(), absent)).toBeUndefined();
  });

  it('by messages that failed for good is not waited for, and its query says that it is failing', async () => {
    const { rig, run } = await asked();
    await rig.clock.run(recordPoisonedAndSettle(rig.dependencies(), rig.store.messages[0]?.text));
    const state = await rig.state();
    expect(state).toMatchObject({ failing: { code: 'internal', run }, lastRun: { run, state: 'failed' } });
    expect(state?.active).toBeUndefined();
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
