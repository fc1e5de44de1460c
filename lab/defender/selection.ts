import { type Filter, type FilterProperties, parseFilter, type ReadValue } from './filter.ts';
import type { Listed, Selection } from './live-list.ts';
import type { DefenderSettings } from './settings.ts';

/** What a list request selects. */
export interface SelectionRequest<T extends Listed> {
  readonly filter: string | undefined;
  readonly properties: FilterProperties;
  /** Names of the properties that hold the two times. */
  readonly created: string;
  readonly updated: string;
  readonly settings: Pick<DefenderSettings, 'orderBy'>;
  /** How a property of an item is read. */
  readonly reader: (item: T) => ReadValue;
  /** What is not to be listed at all, whatever the filter says; a name for it and the test. */
  readonly hidden?: { readonly name: string; readonly test: (item: T) => boolean } | undefined;
}

/** @throws FilterError for a filter that is not offered */
export function selectionOf<T extends Listed>(request: SelectionRequest<T>): Selection<T> {
  const { filter: text, hidden, reader } = request;
  const orderBy = request.settings.orderBy === 'createdDateTime' ? 'created' : 'updated';
  const filter: Filter | undefined = text === undefined ? undefined : parseFilter(text, request.properties);
  if (!filter && !hidden) return { orderBy };
  return {
    orderBy,
    where: {
      name: `${hidden?.name ?? ''} ${text ?? ''}`,
      matches: (item) => !hidden?.test(item) && (filter?.matches(reader(item)) ?? true),
      ranges: {
        created: filter?.rangeOf(request.created) ?? {},
        updated: filter?.rangeOf(request.updated) ?? {},
      },
    },
  };
}
