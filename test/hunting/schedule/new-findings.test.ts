import { describe, expect, it } from 'vitest';
import { tenantWith } from '../../support/tenant-with.ts';
import { createScheduleRig, DAY, MINUTE, QUERY, shown } from './schedule-rig.ts';

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
