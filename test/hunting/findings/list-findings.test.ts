import { describe, expect, it } from 'vitest';
import { listFindings, readFinding } from '../../../shared/hunting/findings/list-findings.ts';
import { listQueryStates } from '../../../shared/hunting/findings/query-state.ts';
import { TENANT_ID } from '../../support/tenant-with.ts';
import { createScheduleRig, DAY, HOUR, shown } from '../schedule/schedule-rig.ts';

/** Longer than the index keeps, and short enough for the row of a run. */
const LONG = `ü${'x'.repeat(13_000)}`;

/** Findings of three runs an hour apart: two, one large, one of another query. */
async function createFindings() {
  const rig = createScheduleRig();
  const began = rig.clock.now();
  rig.event({ Device: 'a1' });
  rig.event({ Device: 'a2' });
  await rig.tick();
  rig.clock.advance(2 * HOUR);
  rig.event({ Device: 'b', Detail: LONG, n: 2 });
  await rig.tick();
  rig.clock.advance(2 * HOUR);
  rig.deploy({ id: 'other#2', name: 'Other' });
  rig.event({ Device: 'c' });
  await rig.tick();
  const list = (query: Partial<Parameters<typeof listFindings>[1]> = {}) =>
    listFindings(rig.incidents.table, { tenant: TENANT_ID, top: 200, ...query });
  return { rig, began, list };
}

describe('the list of findings', () => {
  it('has the last found first, with what is known of each now', async () => {
    const { list, began, rig } = await createFindings();
    const { items, next } = await list();
    expect(next).toBeUndefined();
    expect(items.map(({ queryId }) => queryId)).toEqual([
      'other#2',
      'Odd-Sign-Ins',
      'Odd-Sign-Ins',
      'Odd-Sign-Ins',
    ]);
    expect(shown(items.slice(2)).sort()).toEqual(['a1', 'a2']);
    expect(items[3]).toMatchObject({
      foundMs: began,
      lastSeenMs: began + 2 * HOUR,
      count: 2,
      state: 'open',
      keys: ['Device'],
    });
    expect(items[1]).toMatchObject({ rowIsLarge: true });
    expect(items[1]?.row).toBeUndefined();
    const [large] = (await list({ top: 2 })).items.slice(1);
    const whole = await readFinding(
      { table: rig.incidents.table, blobs: rig.store.blobs },
      { tenant: TENANT_ID, queryId: 'odd-sign-ins', id: large?.id ?? '' },
    );
    expect(JSON.parse(whole?.row ?? '{}')).toMatchObject({ Device: 'b', Detail: LONG, n: 2 });
  });

  it('is narrowed by query, state and time, and goes on page by page', async () => {
    const { list, began, rig } = await createFindings();
    expect((await list({ queryId: 'OTHER#2' })).items).toHaveLength(1);
    expect((await list({ queryId: 'other' })).items).toHaveLength(0);
    expect((await list({ sinceMs: began })).items).toHaveLength(4);
    expect((await list({ sinceMs: began + 1 })).items).toHaveLength(2);
    expect((await list({ state: 'ended' })).items).toHaveLength(0);
    const filter = { queryId: 'Odd-Sign-Ins', state: 'open', top: 1 } as const;
    const ids: string[] = [];
    for (let token: string | undefined, first = true; first || token; first = false) {
      const page = await list({ ...filter, token });
      ids.push(...page.items.map(({ id }) => id));
      token = page.next;
    }
    expect(new Set(ids).size).toBe(3);
    expect(ids).toHaveLength(3);
    rig.clock.advance(4 * DAY);
    await rig.tick();
    rig.deploy({ id: 'Odd-Sign-Ins' });
    rig.clock.advance(HOUR);
    await rig.tick();
    // The run that looked at the days between saw the third once more, its row too large for a list, and
    // what the other query had found.
    expect(shown((await list({ state: 'ended' })).items).sort()).toEqual(['a1', 'a2']);
    expect(shown((await list({ state: 'open' })).items).sort()).toEqual(['c', 'c', undefined]);
  });

  it('takes no token but its own, with the filters of the page before', async () => {
    const { list } = await createFindings();
    const { next } = await list({ top: 1 });
    const refused = { code: 'request.invalid' };
    await expect(list({ top: 1, token: next, state: 'open' })).rejects.toMatchObject(refused);
    const forged = (k: string) => {
      const token = JSON.parse(Buffer.from(next ?? '', 'base64url').toString()) as object;
      return Buffer.from(JSON.stringify({ ...token, k })).toString('base64url');
    };
    for (const token of [
      '',
      'x',
      forged('s'),
      forged('c|1'),
      forged('n|0'),
      Buffer.from('null').toString('base64url'),
    ])
      await expect(list({ top: 1, token })).rejects.toMatchObject(refused);
    expect((await list({ top: 1, token: next })).items).toHaveLength(1);
  });

  it('has nothing of an unknown finding', async () => {
    const { rig } = await createFindings();
    const stores = { table: rig.incidents.table, blobs: rig.store.blobs };
    for (const id of ['', '../x', '0'.repeat(32)])
      expect(await readFinding(stores, { tenant: TENANT_ID, queryId: 'Odd-Sign-Ins', id })).toBeUndefined();
  });

  it('stands beside a state for each query', async () => {
    const { rig } = await createFindings();
    const states = await listQueryStates(rig.incidents.table, TENANT_ID);
    expect(states.map(({ queryId, counts }) => [queryId, counts.open])).toEqual([
      ['Odd-Sign-Ins', 3],
      ['other#2', 1],
    ]);
  });
});
