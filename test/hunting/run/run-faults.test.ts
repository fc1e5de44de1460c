import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, isFinal } from '../../../shared/hunting/run/record.ts';
import { paddedFromTicks } from '../../../shared/time.ts';
import type { Reply } from '../../clients/fake-wire.ts';
import { START_MS } from '../../support/jumping-clock.ts';
import { createFaultyPorts, FAULTS, type Fault } from './faulty-ports.ts';
import { createHuntRig, TENANT } from './hunt-rig.ts';
import { createModelService, type ModelRow } from './model-service.ts';

const NOW = BigInt(START_MS) * 10_000n;
/** Too long to be kept in the run's row. */
const ROWS: readonly ModelRow[] = Array.from({ length: 24 }, (_, n) => {
  const ticks = NOW - BigInt(24 - n) * 36_000_000_000n;
  return { ticks, text: `{"Timestamp":"${paddedFromTicks(ticks)}","N":${n},"x":"${'x'.repeat(900)}"}` };
});
const TEXTS = ROWS.map(({ text }) => text);

/** Every call is broken with EVERY_CALL set; else one in so many, other ones for each fault. */
const STRIDE = process.env.EVERY_CALL ? 1 : 3;

interface Scenario {
  readonly ports?: ReadonlyMap<number, Fault>;
  /** Answers in the place of the model's, by the number of the call, from 1. */
  readonly wire?: ReadonlyMap<number, Reply>;
  readonly copies?: number;
  /** Default: a turn for each slice. */
  readonly budgetMs?: number;
}

/** Plays one run to its end, and on until every instance that stood still has awoken. */
async function play({ ports = new Map(), wire = new Map(), copies = 1, budgetMs = -1 }: Scenario) {
  const finals: string[] = [];
  const faulty = createFaultyPorts(() => rig.clock, ports);
  const rig: ReturnType<typeof createHuntRig> = createHuntRig(
    (call, index) => {
      const settings = {
        includesStart: false,
        includesEnd: true,
        limit: 7,
        overLimit: 'cutAndSaid',
      } as const;
      return wire.get(index + 1) ?? createModelService(ROWS, settings, rig.clock.now)(call);
    },
    { wrap: faulty.wrap, budgetMs },
  );
  const transact = rig.store.table.transact;
  Object.assign(rig.store.table, {
    transact: async (...args: Parameters<typeof transact>) => {
      const etag = await transact(...args);
      for (const write of args[1]) {
        if (write.key.startsWith('r|') && write.op === 'replace') {
          const { state } = decodeRecord({ ...write });
          if (isFinal(state)) finals.push(state);
        }
      }
      return etag;
    },
  });
  const { id } = await rig.request({ timespan: 'P2D' });
  await rig.settle({ copies });
  await rig.clock.run(rig.clock.sleep(3_600_000));
  await rig.settle({ copies });
  const run = await rig.run(id);
  const rows = run?.state === 'succeeded' ? await rig.rows(id) : [];
  return { rig, run, rows, finals, calls: faulty.calls() };
}

describe('a run', () => {
  it('succeeds, exactly once, with exactly its rows, whichever one call of storage or queue goes wrong', async () => {
    const { calls, rig } = await play({});
    expect(calls).toBeGreaterThan(40);
    expect(rig.store.blobNames().length).toBeGreaterThan(3);
    for (const fault of FAULTS) {
      for (let call = 1 + (FAULTS.indexOf(fault) % STRIDE); call <= calls; call += STRIDE) {
        const { run, rows, finals } = await play({ ports: new Map([[call, fault]]) });
        const story = `${fault} at call ${call}`;
        expect(run?.state, story).toBe('succeeded');
        expect(rows, story).toEqual(TEXTS);
        expect(finals, story).toEqual(['succeeded']);
      }
    }
  }, 60_000);

  it('ends in exactly one state, and never with wrong rows, when much goes wrong at once', async () => {
    const plan = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.constantFrom(...FAULTS)), { maxLength: 12 })
      .map((entries) => new Map(entries));
    let succeeded = 0;
    await fc.assert(
      fc.asyncProperty(plan, fc.constantFrom(1, 1, 2), async (ports, copies) => {
        const { run, rows, finals } = await play({ ports, copies });
        expect(finals).toHaveLength(1);
        expect(run?.state).toBe(finals[0]);
        if (run?.state !== 'succeeded') return;
        succeeded += 1;
        expect(rows).toEqual(TEXTS);
      }),
      { numRuns: 25 },
    );
    expect(succeeded).toBeGreaterThan(8);
  }, 60_000);

  it.each<[string, Reply]>([
    ['the connection breaks', { fault: 'ECONNRESET' }],
    ['the service is away', { status: 503 }],
    ['the token is refused', { status: 401 }],
    ['the body breaks off', { body: '{"schema":[],"results":[{"N":0},' }],
    ['the body is no JSON', { body: '<html>' }],
    ['calls are used up', { status: 429, body: { error: { message: 'API calls quota exceeded!' } } }],
    ['the CPU share is used up', { status: 429, body: { error: { message: 'CPU quota' } } }],
  ])('succeeds all the same when %s once', async (_what, reply) => {
    for (const call of [1, 2, 4]) {
      const { run, rows, finals } = await play({ wire: new Map([[call, reply]]) });
      expect(run?.state).toBe('succeeded');
      expect(rows).toEqual(TEXTS);
      expect(finals).toEqual(['succeeded']);
    }
  });

  it('succeeds as long as it gets on, however often something is in the way', async () => {
    const every = new Map(Array.from({ length: 60 }, (_, n) => [2 * n + 1, { body: '<html>' }] as const));
    const { run, rows } = await play({ wire: every, budgetMs: 60_000 });
    expect(run).toMatchObject({ state: 'succeeded' });
    expect(run?.calls).toBeGreaterThan(16);
    expect(rows).toEqual(TEXTS);
  });

  it('waits for the next quarter of an hour, for all instances, when the CPU share is used up', async () => {
    const cpu = { status: 429, body: { error: { message: 'You have exceeded processing resources.' } } };
    const { run, rig } = await play({ wire: new Map([[2, cpu]]) });
    expect(run?.state).toBe('succeeded');
    expect((run?.endedMs ?? 0) - START_MS).toBeGreaterThan(15 * 60_000);
    const parked = rig.store.rows(TENANT).find(({ key }) => key === 'q');
    expect(parked?.columns.state).toBeDefined();
    expect(rig.wire.sent.length).toBe(run?.calls);
  });

  it('fails with the reason when the service stays away', async () => {
    const away = new Map(Array.from({ length: 200 }, (_, n) => [n + 1, { status: 503 }] as const));
    const { run, finals } = await play({ wire: away });
    expect(run).toMatchObject({ state: 'failed', rows: 0, failure: { code: 'upstream.unavailable' } });
    expect(finals).toEqual(['failed']);
  });

  it('is ended as failed when it kills every instance that begins it', async () => {
    const deadly = new Map(Array.from({ length: 500 }, (_, n) => [n + 1, 'diesBefore'] as const));
    // Reading the row and taking the lease still work; the fourth call is the first of the work.
    const { run, finals } = await play({
      ports: new Map([...deadly].filter(([call]) => call % 4 === 0)),
    });
    expect(run?.state).toBe('failed');
    expect(finals).toEqual(['failed']);
  });
});
