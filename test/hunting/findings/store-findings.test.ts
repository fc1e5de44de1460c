import { describe, expect, it } from 'vitest';
import { factsFrom } from '../../../shared/hunting/findings/finding-rows.ts';
import { identityOf } from '../../../shared/hunting/findings/identity.ts';
import { openQuerySession } from '../../../shared/hunting/findings/query-session.ts';
import { MOST_NEW, type Sighting, storeFindings } from '../../../shared/hunting/findings/store-findings.ts';
import { createFeedWriter } from '../../../shared/incidents/append-to-feed.ts';
import { createMemoryStore } from '../../support/memory-store.ts';
import { TENANT_ID, tenantWith } from '../../support/tenant-with.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const QUERY = { id: 'q', name: 'Q', keys: ['Id'] };

async function createFindings() {
  const clock = createVirtualClock();
  let holders = 0;
  const store = createMemoryStore({ now: clock.now });
  const { table, blobs } = store;
  const storage = { table, blobs, feed: createFeedWriter({ table, clock }) };
  const open = () =>
    openQuerySession({ table, tenant: TENANT_ID, queryId: 'q', holder: `holder-${++holders}` });
  await (await open()).commit({});
  return {
    store,
    open,
    async keep(rows: readonly string[], more: Partial<Sighting> = {}) {
      const sighting: Sighting = {
        tenant: tenantWith(),
        query: QUERY,
        run: 'run-1',
        seenMs: clock.now(),
        nowMs: clock.now(),
        identity: identityOf(QUERY, []),
        learning: false,
        rows: async function* () {
          yield rows;
        },
        ...more,
      };
      return storeFindings(storage, await open(), sighting);
    },
    keys: (prefix: string) => store.rows(TENANT_ID).filter(({ key }) => key.startsWith(prefix)).length,
  };
}

const rowsOf = (count: number, detail = '') =>
  Array.from({ length: count }, (_, Id) => JSON.stringify({ Id, Detail: detail }));

describe('storing findings', () => {
  it('takes as many as the limit, in few transactions of the size that Azure takes, each with its feed row', async () => {
    const findings = await createFindings();
    const before = findings.store.calls.transact;
    expect(await findings.keep(rowsOf(MOST_NEW))).toEqual({ announced: MOST_NEW, learned: 0, seenAgain: 0 });
    expect([findings.keys('f|'), findings.keys('n|'), findings.keys('x|')]).toEqual([
      MOST_NEW,
      MOST_NEW,
      MOST_NEW,
    ]);
    expect(findings.store.calls.transact - before).toBe(Math.ceil(MOST_NEW / 32));
  });

  it('stores nothing when there is one more, and says what to do', async () => {
    const findings = await createFindings();
    await expect(findings.keep(rowsOf(MOST_NEW + 1))).rejects.toMatchObject({
      code: 'hunt.result_too_large',
      message: expect.stringContaining('Narrow the query'),
    });
    expect(findings.keys('f|')).toBe(0);
  });

  it('stays below the bytes of a transaction with long rows, announced or learned', async () => {
    for (const learning of [false, true]) {
      const findings = await createFindings();
      await findings.keep(rowsOf(100, '€'.repeat(11_900)), { learning });
      expect(findings.keys('n|')).toBe(100);
      expect(findings.keys('x|')).toBe(learning ? 0 : 100);
      expect(findings.store.blobNames()).toEqual([]);
    }
  });

  it('counts a run once, however often its rows are stored', async () => {
    const findings = await createFindings();
    await findings.keep(rowsOf(150));
    expect(await findings.keep(rowsOf(150))).toEqual({ announced: 0, learned: 0, seenAgain: 0 });
    const calls = findings.store.calls.transact;
    expect(await findings.keep(rowsOf(151), { run: 'run-2' })).toEqual({
      announced: 1,
      learned: 0,
      seenAgain: 150,
    });
    expect(findings.store.calls.transact - calls).toBe(3);
    const facts = findings.store.rows(TENANT_ID).filter(({ key }) => key.startsWith('f|'));
    const counts = facts.map((row) => factsFrom(row).count);
    expect(counts.filter((count) => count === 2)).toHaveLength(150);
  });

  it('is stopped when another holder wrote', async () => {
    const findings = await createFindings();
    const session = await findings.open();
    await (await findings.open()).commit({ dueMs: 1 });
    await expect(session.commit({ dueMs: 2 })).rejects.toMatchObject({ code: 'hunt.fenced' });
    await expect(session.commit({ dueMs: 3 })).rejects.toMatchObject({ code: 'hunt.fenced' });
    expect((await findings.open()).state.dueMs).toBe(1);
  });
});
