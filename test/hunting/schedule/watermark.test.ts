import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../../shared/errors.ts';
import { createScheduleRig, DAY, HOUR, MINUTE, shown } from './schedule-rig.ts';

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
