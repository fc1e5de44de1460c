/** An item with a place in a list; `order` breaks ties and is the same for every version of an item. */
export interface Ordered {
  readonly order: number;
}

/** Items kept in ascending order of a text key. */
export interface SortedIndex<T> {
  /** Ascending; read only, and only until the next change. */
  readonly items: readonly T[];
  add(item: T): void;
  remove(item: T): void;
  /** The first position whose key is not below `key`. */
  lowerBound(key: string): number;
  /** The first position whose key is above `key`. */
  upperBound(key: string): number;
}

/** @param keyOf the key of an item; it must not change while the item is in the index */
export function createSortedIndex<T extends Ordered>(keyOf: (item: T) => string): SortedIndex<T> {
  const items: T[] = [];

  function firstWhere(isAtOrAfter: (item: T) => boolean): number {
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAtOrAfter(items[middle] as T)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  function placeOf(item: T): number {
    const key = keyOf(item);
    return firstWhere((other) => {
      const otherKey = keyOf(other);
      return otherKey > key || (otherKey === key && other.order >= item.order);
    });
  }

  return {
    items,
    add(item) {
      const place = placeOf(item);
      if (place === items.length) items.push(item);
      else items.splice(place, 0, item);
    },
    remove(item) {
      const place = placeOf(item);
      if (items[place] !== item) throw new Error('the item is not in the index');
      items.splice(place, 1);
    },
    lowerBound: (key) => firstWhere((item) => keyOf(item) >= key),
    upperBound: (key) => firstWhere((item) => keyOf(item) > key),
  };
}
