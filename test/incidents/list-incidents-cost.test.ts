import { describe, expect, it } from 'vitest';
import { listIncidents } from '../../shared/incidents/list-incidents.ts';
import { EPOCH, recordWith, type StoredIncidents, storeWith } from '../support/stored-incidents.ts';
import { TENANT_ID } from '../support/tenant-with.ts';
import { OPEN, pagesOf } from './listing-pages.ts';

const MOST_ROWS = 5_000;

describe('what a listing costs', () => {
  const many = Array.from({ length: 11_000 }, (_, n) =>
    recordWith({
      id: `i${n}`,
      at: -n,
      status: n % 100 === 0 ? 'active' : 'resolved',
      severity: n === 10_900 ? 'high' : 'low',
    }),
  );
  const built = storeWith(many);

  it.each([1, 7, 50, 150, 200])(
    'is at most 5,000 index rows a request, pages of %i: short ones with a token, nothing left out',
    async (top) => {
      const store = await built;
      const pages = await pagesOf(store, { severity: ['high'] }, top);
      expect(pages.flatMap(({ ids }) => ids)).toEqual(['i10900']);
      for (const { rows, requests } of pages) {
        expect(rows).toBeLessThanOrEqual(MOST_ROWS);
        expect(requests).toBeLessThanOrEqual(20);
      }
      expect(pages.length).toBeGreaterThanOrEqual(3);
      expect(pages[0]).toMatchObject({ ids: [] });
      expect(pages[0]?.rows).toBeGreaterThan(MOST_ROWS - 1_000);
    },
  );

  it('is few requests for a small page of a rare status, too', async () => {
    const rare = many.slice(0, 5_000).map((record, n) => ({
      ...record,
      status: n === 4_500 ? 'awaitingAction' : 'active',
    }));
    const store = await storeWith(rare);
    const [first] = await pagesOf(store, { status: ['awaitingAction'] }, 1);
    expect(first?.ids).toEqual(['i4500']);
    expect(first?.requests).toBeLessThanOrEqual(15);
  });

  it.each([1, 50, 200])('is one row more than a page of %i without a filter', async (top) => {
    const store = await built;
    store.reset();
    const { items } = await listIncidents(store.table, { tenant: TENANT_ID, filter: {}, top });
    expect(items).toHaveLength(top);
    expect(store.read).toEqual({ rows: top + 1, pages: 1 });
  });

  const openOnes = storeWith(
    many.slice(0, 1_000).map((record, n) => ({
      ...record,
      status: ['active', 'active', 'inProgress'][n % 3] ?? '',
      severity: n % 10 === 0 ? 'high' : 'low',
    })),
  );

  it.each([1, 10, 50, 200])('is at most twice the first page of open ones, %i of them', async (top) => {
    const store = await openOnes;
    for (const status of [OPEN, ['active']]) {
      store.reset();
      const { items } = await listIncidents(store.table, { tenant: TENANT_ID, filter: { status }, top });
      expect(items).toHaveLength(top);
      expect(store.read.rows).toBeLessThanOrEqual(2 * top);
    }
  });

  it('follows the share of what fits: a page of every tenth takes hardly more than ten rows for each', async () => {
    const store = await openOnes;
    store.reset();
    const filter = { severity: ['high'] };
    const { items } = await listIncidents(store.table, { tenant: TENANT_ID, filter, top: 50 });
    expect(items).toHaveLength(50);
    expect(store.read.rows).toBeLessThanOrEqual(650);
    expect(store.read.pages).toBeLessThanOrEqual(4);
  });

  it('is no more where storage gives shorter pages than it was asked for, as Azure may', async () => {
    const store = await built;
    const table: StoredIncidents['table'] = {
      ...store.table,
      range: (partition, from, to, options) =>
        store.table.range(partition, from, to, {
          ...options,
          pageSize: Math.ceil((options?.pageSize ?? 1_000) * 0.7),
        }),
    };
    const ids: string[] = [];
    let token: string | undefined;
    do {
      store.reset();
      const filter = { severity: ['high'] };
      const page = await listIncidents(table, { tenant: TENANT_ID, filter, top: 10, token });
      ids.push(...page.items.map(({ id }) => id));
      expect(store.read.rows).toBeLessThanOrEqual(MOST_ROWS);
      expect(store.read.pages).toBeLessThanOrEqual(20);
      token = page.next;
    } while (token !== undefined);
    expect(ids).toEqual(['i10900']);
  });

  it('is the open ones alone, by their own index, when only those are asked for', async () => {
    const store = await built;
    for (const status of [OPEN, ['active']]) {
      store.reset();
      const { items } = await listIncidents(store.table, { tenant: TENANT_ID, filter: { status }, top: 50 });
      expect(items).toHaveLength(50);
      expect(store.read.rows).toBeLessThanOrEqual(100);
    }
    store.reset();
    const status = ['active', 'resolved'];
    await listIncidents(store.table, { tenant: TENANT_ID, filter: { status, updatedSince: EPOCH }, top: 50 });
    expect(store.read.rows).toBe(1);
  });
});
