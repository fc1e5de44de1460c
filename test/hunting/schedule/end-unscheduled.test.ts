import { describe, expect, it } from 'vitest';
import type { LibraryProblem } from '../../../shared/hunting/library/problem.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { endUnscheduled } from '../../../shared/hunting/schedule/end-unscheduled.ts';
import { tenantWith } from '../../support/tenant-with.ts';
import { createScheduleRig, DAY, QUERY } from './schedule-rig.ts';

const BROKEN: LibraryProblem = {
  file: 'queries/other.yaml',
  line: 1,
  column: 1,
  code: 'LIB111',
  severity: 'error',
  message: 'It is broken.',
};

/** An open finding, and then so many days without a run. */
async function foundAndLeft(days: number) {
  const rig = createScheduleRig();
  rig.event({ Device: 'a' });
  await rig.tick();
  rig.clock.advance(days * DAY);
  const { findings, clock, log } = rig.dependencies();
  const end = (queries: readonly HuntingQuery[], problems: readonly LibraryProblem[] = []) =>
    endUnscheduled({ findings, clock, log, library: { queries, problems } }, tenantWith());
  return { rig, end };
}

describe('findings of a query that does not run any more', () => {
  it.each([
    ['disabled', [{ ...QUERY, enabled: false }]],
    ['for other tenants', [{ ...QUERY, tenants: ['somebody else'] }]],
  ] as const)('end after its own days: %s', async (_what, queries) => {
    const { rig, end } = await foundAndLeft(4);
    await end(queries);
    expect(await rig.findings()).toMatchObject([{ state: 'ended', endedMs: rig.clock.now() }]);
    expect(await rig.state()).toMatchObject({ counts: { open: 0, ended: 1 } });
    expect(rig.feed()).toHaveLength(1);
    expect(rig.logged.at(-1)).toMatchObject({ event: 'findings.ended', fields: { ended: 1 } });
  });

  it('end after thirty days where the query is gone', async () => {
    const { rig, end } = await foundAndLeft(29);
    await end([]);
    expect(await rig.findings()).toMatchObject([{ state: 'open' }]);
    rig.clock.advance(2 * DAY);
    await end([]);
    expect(await rig.findings()).toMatchObject([{ state: 'ended' }]);
    rig.clock.advance(366 * DAY);
    await end([]);
    expect(await rig.findings()).toEqual([]);
  });

  it('stay while it may be in a file that cannot be read', async () => {
    const { rig, end } = await foundAndLeft(40);
    await end([], [BROKEN]);
    expect(await rig.findings()).toMatchObject([{ state: 'open' }]);
  });

  it('stay while it runs: its own runs say what is seen', async () => {
    const { rig, end } = await foundAndLeft(40);
    await end([QUERY]);
    expect(await rig.findings()).toMatchObject([{ state: 'open' }]);
  });
});
