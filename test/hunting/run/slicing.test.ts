import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { paddedFromTicks } from '../../../shared/time.ts';
import { START_MS } from '../../support/jumping-clock.ts';
import { createHuntRig, type REQUEST } from './hunt-rig.ts';
import { createModelService, type ModelRow, type ModelSettings, QUERY } from './model-service.ts';

const MS = 10_000n;
const NOW = BigInt(START_MS) * MS;
const SETTINGS: ModelSettings = {
  includesStart: true,
  includesEnd: false,
  limit: 5,
  overLimit: 'cutAndSaid',
};

function rowAt(ticks: bigint, n: number): ModelRow {
  return {
    ticks,
    text: `{"Timestamp":"${paddedFromTicks(ticks)}","N":${9_007_199_254_740_993n + BigInt(n)}}`,
  };
}

async function hunt(
  rows: readonly ModelRow[],
  settings: Partial<ModelSettings>,
  request: Partial<typeof REQUEST> = {},
  options: Parameters<typeof createHuntRig>[1] = {},
) {
  const rig: ReturnType<typeof createHuntRig> = createHuntRig(
    (call) => createModelService(rows, { ...SETTINGS, ...settings }, rig.clock.now)(call),
    options,
  );
  const { id } = await rig.request(request);
  await rig.settle();
  const run = await rig.run(id);
  if (!run) throw new Error('no run');
  const ended = run.state === 'succeeded' || run.state === 'truncated';
  return { rig, run, rows: ended ? await rig.rows(id) : [] };
}

const textsOf = (rows: readonly ModelRow[]): string[] => rows.map(({ text }) => text).sort();

/** Times at, around and between the places where halving cuts 30 days, many of them equal. */
const ticksIn30Days = fc
  .tuple(
    fc.integer({ min: 1, max: 64 }),
    fc.constantFrom(0n, 0n, -1n, 1n, 123n, -MS, MS),
    fc.constantFrom(1n, 2n, 8n, 64n, 4_096n),
  )
  .map(([n, off, cuts]) => NOW - ((30n * 86_400_000n * MS) / cuts) * (BigInt(n) % cuts) + off)
  .filter((ticks) => ticks < NOW && ticks > NOW - 30n * 86_400_000n * MS);

describe('a query that treats rows one by one', () => {
  it('gives exactly the rows that there are, whatever the limits and the ends of a timespan', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(ticksIn30Days, { maxLength: 40 }),
        fc.record({
          includesStart: fc.boolean(),
          includesEnd: fc.boolean(),
          limit: fc.integer({ min: 6, max: 20 }),
          overLimit: fc.constantFrom('cutAndSaid', 'refusedForSize', 'refusedForTime', 'refusedForResources'),
        } as const),
        async (times, settings) => {
          // No more rows in one smallest slice than the limit allows.
          const rows = times
            .filter(
              (time, index) =>
                times.slice(0, index).filter((t) => t >= time - MS && t <= time + MS).length < 5,
            )
            .map(rowAt);
          const { run, rows: found } = await hunt(rows, settings);
          expect(run.state).toBe('succeeded');
          expect(found.sort()).toEqual(textsOf(rows));
          expect(run.rows).toBe(rows.length);
          expect(run.slices.length > 0).toBe(rows.length > settings.limit);
          expect(run.slices.every(({ whole }) => whole)).toBe(true);
          expect(run.columns.map(({ name }) => name)).toEqual(['Timestamp', 'N']);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])(
    'loses and doubles no row on a boundary: start included %s, end included %s',
    async (includesStart, includesEnd) => {
      const eighth = (30n * 86_400_000n * MS) / 8n;
      const rows = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => {
        const boundary = NOW - BigInt(8 - n) * eighth;
        return [boundary, boundary, boundary + 1n, boundary + eighth - 1n].map((ticks, m) =>
          rowAt(ticks, 10 * n + m),
        );
      });
      // Where the whole span begins the service decides: no slice is asked for before it.
      const { run, rows: found } = await hunt(rows, { includesStart, includesEnd, limit: 4 });
      expect(run.slices).toHaveLength(8);
      expect(found.sort()).toEqual(textsOf(rows));
    },
  );

  it('reads adjacent slices from the first to the last, each within the timespan asked for', async () => {
    const rows = Array.from({ length: 30 }, (_, n) => rowAt(NOW - BigInt(30 - n) * 3_600_000n * MS, n));
    const { run, rig, rows: found } = await hunt(rows, {}, { timespan: 'P2D' });
    expect(found).toEqual(textsOf(rows));
    expect(run.slices[0]?.from).toBe(paddedFromTicks(NOW - 48n * 3_600_000n * MS));
    expect(run.slices.at(-1)?.to).toBe(paddedFromTicks(NOW));
    run.slices.slice(1).forEach((slice, n) => {
      expect(slice.from).toBe(run.slices[n]?.to);
    });
    const sent = rig.wire.sent.map(
      ({ body }) => JSON.parse(String(body)) as { Query: string; Timespan: string },
    );
    expect(sent[0]).toEqual({ Query: QUERY, Timespan: 'P2D' });
    for (const { Query } of sent.slice(1))
      expect(Query).toContain(`Timestamp < datetime(${paddedFromTicks(NOW)})`);
  });

  it('keeps its clock still: rows that come during the run are not in some slices and missing in others', async () => {
    const rows = Array.from({ length: 12 }, (_, n) => rowAt(NOW - BigInt(n) * 60_000n * MS - 1n, n));
    const late = rowAt(NOW + 1n, 99);
    const rig: ReturnType<typeof createHuntRig> = createHuntRig((call) => {
      rig.clock.advance(10_000);
      return createModelService([...rows, late], SETTINGS, rig.clock.now)(call);
    });
    const { id } = await rig.request();
    await rig.settle();
    expect((await rig.rows(id)).sort()).toEqual(textsOf(rows));
  });

  it('finds out by 100,000 rows alone that there are more', async () => {
    const rows = Array.from({ length: 150_000 }, (_, n) => ({
      ticks: NOW - BigInt(150_000 - n) * 10_000_000n,
      text: `{"N":${n}}`,
    }));
    const settings = { ...SETTINGS, limit: 100_000, overLimit: 'cut' } as const;
    const rig: ReturnType<typeof createHuntRig> = createHuntRig((call) =>
      createModelService(rows, settings, rig.clock.now)(call),
    );
    const { id } = await rig.request({ timespan: 'P2D' });
    // Rows are compressed in a thread of their own, which a clock that stands still does not wait for.
    await runHunt(rig.direct, rig.store.messages[0]?.text);
    expect(await rig.run(id)).toMatchObject({
      state: 'succeeded',
      rows: 150_000,
      slices: [{ rows: 63_600 }, { rows: 86_400 }],
    });
    expect(await rig.rows(id)).toEqual(rows.map(({ text }) => text));
    expect(rig.wire.sent).toHaveLength(3);
  });

  it('is truncated where even the smallest slice is over a limit, and says which', async () => {
    const crowd = Array.from({ length: 8 }, (_, n) => rowAt(NOW - 1_000_000n, n));
    const others = Array.from({ length: 4 }, (_, n) =>
      rowAt(NOW - BigInt(n + 1) * 86_400_000n * MS, 100 + n),
    );
    const cut = await hunt([...crowd, ...others], {});
    expect(cut.run.state).toBe('truncated');
    expect(cut.run.truncation).toMatchObject({ reason: 'service' });
    expect(cut.run.truncation?.spans).toHaveLength(1);
    expect(cut.run.truncation?.advice).toContain('filter more');
    expect(cut.rows.length).toBe(9);
    expect(cut.rows.sort().slice(0, 4)).toEqual(textsOf(others));
    const refused = await hunt([...crowd, ...others], { overLimit: 'refusedForTime' });
    expect(refused.run).toMatchObject({ state: 'truncated', rows: 4, truncation: { reason: 'time' } });
    expect(refused.rows.sort()).toEqual(textsOf(others));
  });

  it('stops at the rows that were asked for, and says that there are more', async () => {
    const rows = Array.from({ length: 30 }, (_, n) => rowAt(NOW - BigInt(30 - n) * 3_600_000n * MS, n));
    const some = await hunt(rows, {}, { maxRows: 7 });
    expect(some.run).toMatchObject({ state: 'truncated', rows: 7, truncation: { reason: 'maxRows' } });
    expect(some.rows).toEqual(textsOf(rows).slice(0, 7));
    const all = await hunt(rows, {}, { maxRows: 30 });
    expect(all.run).toMatchObject({ state: 'succeeded', rows: 30 });
  });

  it('does not wait for its own lease where a message is taken the moment it is there', async () => {
    const rows = Array.from({ length: 12 }, (_, n) => rowAt(NOW - BigInt(12 - n) * 3_600_000n * MS, n));
    const rig: ReturnType<typeof createHuntRig> = createHuntRig(
      (call) => createModelService(rows, { ...SETTINGS, limit: 6 }, rig.clock.now)(call),
      {
        budgetMs: -1,
        wrap: (ports) => ({
          ...ports,
          queue: {
            async send(text, options = {}) {
              await ports.queue.send(text, options);
              if (!options.delaySeconds) await runHunt(rig.direct, text);
            },
          },
        }),
      },
    );
    const { id } = await rig.request();
    await rig.settle();
    expect(await rig.state(id)).toMatchObject({ state: 'succeeded', rows: 12 });
    expect(rig.store.messages.length).toBeGreaterThan(2);
    expect(Math.max(...rig.store.messages.map(({ delaySeconds = 0 }) => delaySeconds))).toBeLessThan(10);
  });

  it('goes on in further messages when the budget ends, and keeps what it has', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => rowAt(NOW - BigInt(40 - n) * 3_600_000n * MS, n));
    const { run, rig, rows: found } = await hunt(rows, { limit: 6 }, {}, { budgetMs: -1 });
    expect(run.state).toBe('succeeded');
    expect(found).toEqual(textsOf(rows));
    expect(rig.store.messages.length).toBeGreaterThan(8);
    expect(run.calls).toBe(rig.wire.sent.length);
  });

  it('is given its timespan as a slice where the endpoint takes none', async () => {
    const rows = [1n, 30n, 60n].map((hours, n) => rowAt(NOW - hours * 3_600_000n * MS, n));
    const { run, rig, rows: found } = await hunt(rows, {}, { timespan: 'P2D' }, { legacy: true });
    expect(run.state).toBe('succeeded');
    expect(found.sort()).toEqual(textsOf(rows.slice(0, 2)));
    expect(rig.wire.sent[0]?.body).not.toContain('Timespan');
    expect(rig.events.map(({ event }) => event)).toContain('hunt.endpoint_retires');
  });
});

describe('a query that cannot be sliced', () => {
  const NOT_SLICED = {
    diagnostics: [],
    slicing: { possible: false, reason: '“summarize” looks at more than one row' },
    clockCalls: [],
  } as const;
  const rows = Array.from({ length: 8 }, (_, n) => rowAt(NOW - BigInt(8 - n) * 3_600_000n * MS, n));

  it('is truncated by a limit, and says why and what to change', async () => {
    const { run, rows: found, rig } = await hunt(rows, {}, { check: NOT_SLICED });
    expect(run).toMatchObject({ state: 'truncated', rows: 5, slices: [] });
    expect(run.truncation?.text).toContain('PartialError');
    expect(run.truncation?.advice).toContain(
      'slices of time: “summarize” looks at more than one row. Narrow',
    );
    expect(found).toHaveLength(5);
    expect(rig.wire.sent).toHaveLength(1);
  });

  it('fails where the service gave nothing, with its words', async () => {
    const { run } = await hunt(rows, { overLimit: 'refusedForTime' }, { check: NOT_SLICED });
    expect(run).toMatchObject({
      state: 'failed',
      rows: 0,
      failure: { code: 'hunt.time_limit', serviceMessage: 'Query exceeded the timeout period.' },
    });
  });

  it('is refused with a timespan where the endpoint takes none', async () => {
    const { run, rig } = await hunt(rows, {}, { check: NOT_SLICED, timespan: 'P1D' }, { legacy: true });
    expect(run).toMatchObject({ state: 'failed', failure: { code: 'request.invalid' } });
    expect(rig.wire.sent).toHaveLength(0);
  });
});
