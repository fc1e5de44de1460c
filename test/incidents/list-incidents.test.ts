import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IncidentFilter, listIncidents } from '../../shared/incidents/list-incidents.ts';
import type { IncidentRecord } from '../../shared/incidents/records.ts';
import { addTicks } from '../../shared/time.ts';
import { EPOCH, recordWith, type StoredIncidents, storeWith } from '../support/stored-incidents.ts';
import { TENANT_ID } from '../support/tenant-with.ts';
import { OPEN, pagesOf } from './listing-pages.ts';

/** What a listing must give, by the words of its documentation. */
function expected(records: readonly IncidentRecord[], filter: IncidentFilter): readonly IncidentRecord[] {
  const { status, severity, assignedTo, updatedSince } = filter;
  return records
    .filter(
      (record) =>
        (status === undefined || status.includes(record.status)) &&
        (severity === undefined || severity.includes(record.severity)) &&
        (assignedTo === undefined || (record.assignedTo ?? '').toLowerCase() === assignedTo.toLowerCase()) &&
        (updatedSince === undefined || record.lastUpdate >= updatedSince),
    )
    .sort((a, b) => (a.lastUpdate < b.lastUpdate ? 1 : -1));
}
const status = fc.constantFrom(...OPEN, 'resolved', 'redirected');
const severity = fc.constantFrom('low', 'medium', 'high');
const name = fc.constantFrom('Ada@contoso.com', 'bob@contoso.com');
const records = fc.uniqueArray(
  fc.record({
    // Ids of which one begins with another, and some that must be encoded.
    id: fc.constantFrom(
      '1',
      '10',
      '1-',
      '1~',
      '1/0',
      '1#',
      '2',
      '20',
      '200',
      'ä',
      '=',
      '!',
      '1!',
      'x'.repeat(300),
    ),
    at: fc.integer({ min: -3, max: 3 }),
    status,
    severity,
    assignedTo: fc.option(name, { nil: undefined }),
  }),
  { selector: ({ id }) => id, maxLength: 14 },
);
const filters = fc.record(
  {
    status: fc.uniqueArray(status, { minLength: 1 }),
    severity: fc.uniqueArray(severity, { minLength: 1 }),
    assignedTo: fc.oneof(
      name,
      name.map((text) => text.toUpperCase()),
      fc.constant(''),
    ),
    updatedSince: fc.integer({ min: -4, max: 4 }).map((at) => addTicks(EPOCH, at)),
  },
  { requiredKeys: [] },
);

describe('a listing', () => {
  it('gives what fits its filter, each incident once, newest first, whatever the page size', async () => {
    await fc.assert(
      fc.asyncProperty(records, filters, fc.integer({ min: 1, max: 16 }), async (made, filter, top) => {
        const stored = made.map(recordWith);
        const pages = await pagesOf(await storeWith(stored), filter, top);
        const wanted = expected(stored, filter);
        const listed = pages.flatMap(({ ids }) => ids);
        expect([...listed].sort()).toEqual(wanted.map(({ id }) => id).sort());
        const timeOf = new Map(stored.map(({ id, lastUpdate }) => [id, lastUpdate]));
        expect(listed.map((id) => timeOf.get(id))).toEqual(wanted.map(({ lastUpdate }) => lastUpdate));
        for (const { ids } of pages) expect(ids.length).toBeLessThanOrEqual(top);
        for (const { ids } of pages.slice(0, -1)) expect(ids).toHaveLength(top);
      }),
      { numRuns: 300 },
    );
  });

  it('sees an incident at its newest place only, and leaves a resolved one out of the open ones', async () => {
    const store = await storeWith([]);
    for (const [at, name] of ['active', 'inProgress', 'resolved'].entries()) {
      await store.put(recordWith({ id: 'moved', at, status: name, sequence: at + 1 }));
      const listed = await pagesOf(store, {}, 5);
      expect(listed.flatMap(({ ids }) => ids)).toEqual(['moved']);
    }
    expect((await pagesOf(store, { status: OPEN }, 5)).flatMap(({ ids }) => ids)).toEqual([]);
    expect((await pagesOf(store, { status: ['resolved'] }, 5)).flatMap(({ ids }) => ids)).toEqual(['moved']);
  });

  it('goes on where it stood when newer incidents have come in between', async () => {
    const store = await storeWith([3, 2, 1].map((at) => recordWith({ id: `i${at}`, at })));
    const first = await listIncidents(store.table, { tenant: TENANT_ID, filter: {}, top: 2 });
    await store.put(recordWith({ id: 'new', at: 9 }));
    const { items } = await listIncidents(store.table, {
      tenant: TENANT_ID,
      filter: {},
      top: 2,
      token: first.next,
    });
    expect(items.map(({ id }) => id)).toEqual(['i1']);
  });

  it('has no other tenant’s rows', async () => {
    const store = await storeWith([recordWith()]);
    const other = '99999999-9999-4999-8999-999999999999';
    expect(await listIncidents(store.table, { tenant: other, filter: {}, top: 5 })).toEqual({
      items: [],
      next: undefined,
    });
  });
});

describe('a continuation token', () => {
  const filter: IncidentFilter = { status: ['active', 'resolved'], severity: ['low', 'medium'] };

  async function tokenOf(over: IncidentFilter = filter): Promise<{ store: StoredIncidents; token: string }> {
    const store = await storeWith([1, 2, 3].map((at) => recordWith({ id: `i${at}`, at })));
    const { next } = await listIncidents(store.table, { tenant: TENANT_ID, filter: over, top: 1 });
    return { store, token: next ?? '' };
  }
  const use = ({ table }: StoredIncidents, token: string, over: IncidentFilter = filter) =>
    listIncidents(table, { tenant: TENANT_ID, filter: over, top: 1, token });

  it('holds the place, a hash of the filter and a format number, and no tenant', async () => {
    const { token } = await tokenOf();
    const content = JSON.parse(Buffer.from(token, 'base64url').toString()) as object;
    expect(Object.keys(content).sort()).toEqual(['f', 'k', 'v']);
    expect(JSON.stringify(content)).not.toContain(TENANT_ID);
    expect(token).toMatch(/^[\w-]+$/);
  });

  it('does not mind the order of a filter’s words or the case of a name', async () => {
    const { store, token } = await tokenOf({ ...filter, assignedTo: '' });
    const same = { severity: ['medium', 'low'], status: ['resolved', 'active'], assignedTo: '' };
    expect((await use(store, token, same)).items.map(({ id }) => id)).toEqual(['i2']);
  });

  it.each<[string, IncidentFilter]>([
    ['no status', { severity: ['low', 'medium'] }],
    ['another severity', { ...filter, severity: ['low'] }],
    ['unassigned ones', { ...filter, assignedTo: '' }],
    ['a time', { ...filter, updatedSince: EPOCH }],
    ['open ones', { ...filter, status: ['active'] }],
  ])('of one filter does not go with %s', async (_what, over) => {
    const { store, token } = await tokenOf();
    await expect(use(store, token, over)).rejects.toMatchObject({
      code: 'request.invalid',
      message: expect.stringMatching(/other filters/),
    });
  });

  it('is refused whatever has become of it, and never leads out of the index', async () => {
    const { store, token } = await tokenOf();
    const sound = JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<string, unknown>;
    const key = fc.oneof(
      fc.string().map((text) => `t|${text}`),
      fc.constantFrom('s', 'c|i1', 'h|i1!0000000000000001', 'x|0', 't|', `${sound.k}!`, `${sound.k}\n`),
    );
    const broken = fc.oneof(
      fc.string(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      key.map((k) => Buffer.from(JSON.stringify({ ...sound, k })).toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(broken, async (text) => {
        await expect(use(store, text)).rejects.toMatchObject({ code: 'request.invalid' });
      }),
      { numRuns: 300 },
    );
  });
});
