import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsFrom, foundFrom } from '../../../shared/hunting/findings/finding-rows.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { runScheduledHunt } from '../../../shared/hunting/schedule/run-scheduled.ts';
import { TENANT_ID } from '../../support/tenant-with.ts';
import { createFaultyPorts, FAULTS, type Fault } from '../run/faulty-ports.ts';
import { createScheduleRig, HOUR, MINUTE, QUERY } from './schedule-rig.ts';

/** Every call is broken with EVERY_CALL set; else one in so many, other ones for each fault. */
const STRIDE = process.env.EVERY_CALL ? 1 : 3;
const TICKS = 2;
const QUIET_TICKS = 2;

/** Hours of one query: each hour brings new findings, and shows old ones again; then quiet hours. */
async function play(plan: ReadonlyMap<number, Fault>, { copies = 1 } = {}) {
  const faulty = createFaultyPorts(() => rig.clock, plan);
  const rig: ReturnType<typeof createScheduleRig> = createScheduleRig({ wrap: faulty.wrap });
  const expected: string[] = [];
  for (let tick = 0; tick < TICKS; tick += 1) {
    // More than one transaction takes.
    for (let n = 0; n < 34; n += 1) {
      const Device = `${tick}.${n}`;
      expected.push(Device);
      rig.event({ Device });
    }
    rig.event({ Device: '0.0' });
    rig.due();
    await rig.settle({ copies });
    rig.clock.advance(HOUR);
  }
  const calls = faulty.calls();
  // Who stood still wakes up, and what failed is caught up.
  for (let quiet = 0; quiet < QUIET_TICKS; quiet += 1) {
    rig.due();
    await rig.settle();
    await rig.clock.run(rig.clock.sleep(HOUR));
  }
  return { rig, calls, expected: expected.sort() };
}

async function expectWhole(
  { rig, expected }: Awaited<ReturnType<typeof play>>,
  story: string,
): Promise<void> {
  const rows = rig.incidents.rows(TENANT_ID);
  const found = new Map<unknown, string>();
  const places = new Map<unknown, unknown>();
  for (const stored of rows.filter(({ key }) => key.startsWith('n|'))) {
    const { row = '{}', hash, sequence } = foundFrom(stored);
    const { Device } = JSON.parse(row) as { Device: string };
    expect(found.has(hash), story).toBe(false);
    found.set(hash, Device);
    places.set(hash, sequence);
  }
  const announced = rig.feed().map(({ finding }) => found.get(finding));
  expect(announced.toSorted(), story).toEqual(expected);
  expect(
    rig.feed().map(({ sequence }) => sequence),
    story,
  ).toEqual(expected.map((_, index) => index + 1));
  expect(
    rig.feed().map(({ finding }) => places.get(finding)),
    story,
  ).toEqual(expected.map((_, index) => index + 1));
  const state = await rig.state();
  expect(state?.counts, story).toEqual({ open: expected.length, ended: 0, announced: expected.length });
  expect(state?.active, story).toBeUndefined();
  expect(state?.failing, story).toBeUndefined();
  const facts = rows.filter(({ key }) => key.startsWith('f|')).map(factsFrom);
  expect(facts, story).toHaveLength(expected.length);
  // No run is counted twice: there were as many as due times.
  for (const { count } of facts) expect(count, story).toBeLessThanOrEqual(TICKS + QUIET_TICKS);
}

describe('scheduled hunts', () => {
  it('announce each finding once, whichever one call of storage or queue goes wrong', async () => {
    const { calls, ...quiet } = await play(new Map());
    await expectWhole({ calls, ...quiet }, 'nothing goes wrong');
    expect(calls).toBeGreaterThan(40);
    for (const fault of FAULTS) {
      for (let call = 1 + (FAULTS.indexOf(fault) % STRIDE); call <= calls; call += STRIDE) {
        await expectWhole(await play(new Map([[call, fault]])), `${fault} at call ${call}`);
      }
    }
  }, 60_000);

  it('announce each finding once when messages come twice and much goes wrong at once', async () => {
    const plan = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom(...FAULTS)), { maxLength: 10 })
      .map((entries) => new Map(entries));
    await fc.assert(
      fc.asyncProperty(plan, fc.constantFrom(1, 2), async (ports, copies) => {
        await expectWhole(await play(ports, { copies }), JSON.stringify([...ports]));
      }),
      { numRuns: process.env.EVERY_CALL ? 500 : 20, endOnFailure: true },
    );
  }, 60_000);

  it('have their findings stored by the next due time when nothing came after the end of the run', async () => {
    const rig = createScheduleRig();
    rig.event({ Device: 'a' });
    const due = { v: 1, tenant: TENANT_ID, queryId: QUERY.id };
    await rig.clock.run(runScheduledHunt(rig.dependencies(), { ...due, dueMs: 1 }));
    await rig.clock.run(runHunt(rig.dependencies(), rig.store.messages[0]?.text));
    expect(rig.feed()).toEqual([]);
    expect(await runScheduledHunt(rig.dependencies(), { ...due, dueMs: 1 })).toBe('stale');
    expect(rig.feed()).toHaveLength(1);
    rig.clock.advance(MINUTE);
    rig.event({ Device: 'b' });
    await rig.clock.run(runScheduledHunt(rig.dependencies(), { ...due, dueMs: 2 }));
    await rig.clock.run(runHunt(rig.dependencies(), rig.store.messages[1]?.text));
    await rig.clock.run(runScheduledHunt(rig.dependencies(), { ...due, dueMs: 3 }));
    expect(rig.feed()).toHaveLength(2);
    expect((await rig.state())?.active?.dueMs).toBe(3);
  });
});
