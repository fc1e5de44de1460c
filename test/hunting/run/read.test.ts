import { describe, expect, it } from 'vitest';
import { newRunId } from '../../../shared/hunting/run/names.ts';
import { listRuns, readRows } from '../../../shared/hunting/run/read.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import { all, failureOf } from '../../clients/harness.ts';
import { body, ROW } from './answers.ts';
import { createHuntRig, TENANT } from './hunt-rig.ts';

describe('reading', () => {
  it('lists runs newest first, by state, query and group', async () => {
    const rig = createHuntRig(() => body(ROW));
    const ids: string[] = [];
    for (const queryId of ['a', 'b', 'a', 'b']) {
      rig.clock.advance(1_000);
      const group = ids.length < 2 ? 'g1' : 'g2';
      ids.push((await rig.request({ query: { id: queryId }, group })).id);
      if (ids.length === 2) await rig.settle();
    }
    const listed = async (filter: object) =>
      (await all(listRuns(rig.direct, { tenant: TENANT, ...filter }))).map(({ id }) => ids.indexOf(id));
    expect(await listed({})).toEqual([3, 2, 1, 0]);
    expect(await listed({ states: ['queued'] })).toEqual([3, 2]);
    expect(await listed({ queryId: 'a' })).toEqual([2, 0]);
    expect(await listed({ group: 'g1' })).toEqual([1, 0]);
    expect(await listed({ after: ids[2] })).toEqual([1, 0]);
  });

  it('gives any page of a large result, and describes it beside its blobs', async () => {
    const rows = Array.from({ length: 4_000 }, (_, n) => `{"N":${n},"x":"${'ä'.repeat(700)}"}`);
    const rig = createHuntRig(() => body(...rows));
    const { id } = await rig.request();
    // Rows are compressed in a thread of their own, which a clock that stands still does not wait for.
    await runHunt(rig.direct, rig.store.messages[0]?.text);
    expect(await rig.run(id)).toMatchObject({ state: 'succeeded', rows: 4_000 });
    expect(await rig.rows(id)).toEqual(rows);
    for (const [from, count] of [
      [0, 1],
      [1_490, 20],
      [3_999, 5],
      [4_000, 5],
      [0, 0],
    ] as const) {
      expect(await rig.rows(id, { from, count })).toEqual(rows.slice(from, from + count));
    }
    const names = rig.store.blobNames();
    expect(names).toEqual([expect.stringContaining('/description.'), expect.stringContaining('/rows.')]);
    expect(names.every((name) => name.startsWith(`${TENANT}/hunts/`))).toBe(true);
  });

  it('says so when the run is unknown', async () => {
    const rig = createHuntRig(() => body());
    const run = newRunId(TENANT, 0);
    expect(await rig.run(run)).toBeUndefined();
    await failureOf(all(readRows(rig.direct, { tenant: TENANT, run })), 'request.not_found');
  });
});
