import { createSortedIndex, type Ordered, type SortedIndex } from './sorted-index.ts';

/** What a list can hold: an id, and the two times it can be ordered and narrowed by (see `timeKey`). */
export interface Listed extends Ordered {
  readonly id: string;
  readonly created: string;
  readonly updated: string;
}

export type OrderKey = 'created' | 'updated';

/** Times between which a match must lie, both ends included; an absent end is open. */
export interface TimeRange {
  readonly from?: string;
  readonly to?: string;
}

/** Which items of a list, in which order. */
export interface Selection<T> {
  readonly orderBy: OrderKey;
  /** Absent: everything. */
  readonly where?: {
    /** Two selections with the same name match the same items. */
    readonly name: string;
    matches(item: T): boolean;
    readonly ranges: Readonly<Record<OrderKey, TimeRange>>;
  };
}

export interface Page<T> {
  readonly items: readonly T[];
  /** How many items the selection has now. */
  readonly total: number;
}

/** A list that changes while it is read: pages are offsets into what it is at the moment of reading. */
export interface LiveList<T> {
  /** Adds an item, or replaces the one with its id. */
  put(item: T): void;
  drop(id: string): void;
  get(id: string): T | undefined;
  /** Newest first. */
  page(selection: Selection<T>, skip: number, top: number): Page<T>;
  readonly size: number;
}

const REMEMBERED = 8;

export function createLiveList<T extends Listed>(): LiveList<T> {
  const byId = new Map<string, T>();
  const indexes: Record<OrderKey, SortedIndex<T>> = {
    created: createSortedIndex((item) => item.created),
    updated: createSortedIndex((item) => item.updated),
  };
  // Ascending results of recent selections; a page of an unchanged list must not cost a pass over all of it.
  let remembered = new Map<string, readonly T[]>();

  function drop(id: string): void {
    const item = byId.get(id);
    if (!item) return;
    byId.delete(id);
    indexes.created.remove(item);
    indexes.updated.remove(item);
    remembered = new Map();
  }

  function put(item: T): void {
    drop(item.id);
    byId.set(item.id, item);
    indexes.created.add(item);
    indexes.updated.add(item);
    remembered = new Map();
  }

  function selected({ orderBy, where }: Selection<T>): readonly T[] {
    if (!where) return indexes[orderBy].items;
    const name = `${orderBy} ${where.name}`;
    const known = remembered.get(name);
    if (known) return known;
    const found = find(orderBy, where);
    const oldest = remembered.keys().next();
    if (remembered.size >= REMEMBERED && !oldest.done) remembered.delete(oldest.value);
    remembered.set(name, found);
    return found;
  }

  function find(orderBy: OrderKey, where: NonNullable<Selection<T>['where']>): readonly T[] {
    const spans = (['created', 'updated'] as const).map((key) => span(key, where.ranges[key]));
    const narrowest = spans.reduce((best, other) =>
      other.end - other.start < best.end - best.start ? other : best,
    );
    const found = indexes[narrowest.key].items
      .slice(narrowest.start, narrowest.end)
      .filter((item) => where.matches(item));
    if (narrowest.key === orderBy) return found;
    return found.sort((a, b) => compare(a[orderBy], b[orderBy]) || a.order - b.order);
  }

  function span(key: OrderKey, { from, to }: TimeRange): { key: OrderKey; start: number; end: number } {
    const index = indexes[key];
    return {
      key,
      start: from === undefined ? 0 : index.lowerBound(from),
      end: to === undefined ? index.items.length : index.upperBound(to),
    };
  }

  return {
    put,
    drop,
    get: (id) => byId.get(id),
    page(selection, skip, top) {
      const ascending = selected(selection);
      const end = Math.max(0, ascending.length - skip);
      return { items: ascending.slice(Math.max(0, end - top), end).reverse(), total: ascending.length };
    },
    get size() {
      return byId.size;
    },
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
