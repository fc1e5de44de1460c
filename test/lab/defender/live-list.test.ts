import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLiveList, type Listed, type Selection } from '../../../lab/defender/live-list.ts';

interface Item extends Listed {
  readonly tag: string;
}

const item = (id: string, created: string, updated = created, tag = ''): Item => ({
  id,
  created,
  updated,
  tag,
  order: Number(id),
});

const ids = (items: readonly Item[]): string[] => items.map(({ id }) => id);

describe('pages', () => {
  test('newest first, by either date, equal dates by order', () => {
    const list = createLiveList<Item>();
    for (const one of [item('1', 'a', 'z'), item('2', 'b'), item('3', 'b'), item('4', 'c')]) list.put(one);
    expect(ids(list.page({ orderBy: 'created' }, 0, 10).items)).toEqual(['4', '3', '2', '1']);
    expect(ids(list.page({ orderBy: 'updated' }, 0, 10).items)).toEqual(['1', '4', '3', '2']);
    expect(list.page({ orderBy: 'created' }, 1, 2)).toMatchObject({
      items: [{ id: '3' }, { id: '2' }],
      total: 4,
    });
    expect(list.page({ orderBy: 'created' }, 9, 2)).toEqual({ items: [], total: 4 });
  });

  test('a replaced item has one place, its new one; a dropped one has none', () => {
    const list = createLiveList<Item>();
    for (const one of [item('1', 'a'), item('2', 'b')]) list.put(one);
    list.put(item('1', 'a', 'c'));
    expect(ids(list.page({ orderBy: 'updated' }, 0, 10).items)).toEqual(['1', '2']);
    expect(ids(list.page({ orderBy: 'created' }, 0, 10).items)).toEqual(['2', '1']);
    list.drop('2');
    list.drop('none');
    expect(ids(list.page({ orderBy: 'updated' }, 0, 10).items)).toEqual(['1']);
    expect(list.get('2')).toBeUndefined();
  });

  test('of a selection forget what was dropped and show what was added', () => {
    const list = createLiveList<Item>();
    for (const one of [item('1', 'a'), item('2', 'b')]) list.put(one);
    const where = { name: 'all', matches: () => true, ranges: { created: {}, updated: {} } };
    const read = () => ids(list.page({ orderBy: 'created', where }, 0, 10).items);
    expect(read()).toEqual(['2', '1']);
    list.drop('2');
    expect(read()).toEqual(['1']);
    list.put(item('3', 'c'));
    expect(read()).toEqual(['3', '1']);
  });

  test('equal what sorting and filtering everything gives, through any changes', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const change = fc.record({
      id: fc.integer({ min: 1, max: 9 }),
      created: key,
      updated: key,
      drop: fc.boolean(),
    });
    const wanted = fc.record({ orderBy: fc.constantFrom('created', 'updated'), from: key, to: key });
    fc.assert(
      fc.property(fc.array(fc.tuple(change, wanted)), (steps) => {
        const list = createLiveList<Item>();
        const model = new Map<string, Item>();
        for (const [{ id, created, updated, drop }, { orderBy, from, to }] of steps) {
          const name = String(id);
          if (drop) list.drop(name);
          else list.put(item(name, created, updated));
          if (drop) model.delete(name);
          else model.set(name, item(name, created, updated));

          const matches = (one: Item): boolean =>
            one.updated >= from && one.updated <= to && one.created !== 'c';
          const where = { name: `${from} ${to}`, matches, ranges: { created: {}, updated: { from, to } } };
          const selection: Selection<Item> = { orderBy, where };
          const expected = [...model.values()]
            .filter(matches)
            .sort((a, b) => (a[orderBy] < b[orderBy] ? 1 : a[orderBy] > b[orderBy] ? -1 : b.order - a.order));
          expect(ids(list.page(selection, 1, 3).items)).toEqual(ids(expected.slice(1, 4)));
          expect(list.page(selection, 0, 0).total).toBe(expected.length);
        }
      }),
    );
  });
});

test('a page of an unchanged list of 100,000 is read without a pass over the list', () => {
  const list = createLiveList<Item>();
  for (let id = 1; id <= 100_000; id += 1) list.put(item(String(id), String(id).padStart(7, '0')));
  let asked = 0;
  const matches = (one: Item): boolean => {
    asked += 1;
    return one.tag === '';
  };
  const selection: Selection<Item> = {
    orderBy: 'updated',
    where: { name: 'all', matches, ranges: { created: {}, updated: {} } },
  };
  for (let page = 0; page < 200; page += 1) list.page(selection, page * 50, 50);
  expect(asked).toBe(100_000);

  list.put(item('100001', '0100001'));
  asked = 0;
  const recent = { from: '0099990' };
  const where = { name: 'recent', matches, ranges: { created: {}, updated: recent } };
  expect(list.page({ orderBy: 'created', where }, 0, 50).total).toBe(12);
  expect(asked).toBe(12);
});
