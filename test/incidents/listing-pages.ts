import { type IncidentFilter, listIncidents } from '../../shared/incidents/list-incidents.ts';
import type { StoredIncidents } from '../support/stored-incidents.ts';
import { TENANT_ID } from '../support/tenant-with.ts';

/** Statuses of incidents that somebody has yet to look at. */
export const OPEN = ['active', 'inProgress', 'awaitingAction'];

interface Page {
  readonly ids: readonly string[];
  readonly rows: number;
  /** To storage. */
  readonly requests: number;
}

/** All pages of a listing, with the rows that each one read. */
export async function pagesOf(store: StoredIncidents, filter: IncidentFilter, top: number): Promise<Page[]> {
  const pages: Page[] = [];
  let token: string | undefined;
  do {
    store.reset();
    const { items, next } = await listIncidents(store.table, { tenant: TENANT_ID, filter, top, token });
    pages.push({ ids: items.map(({ id }) => id), rows: store.read.rows, requests: store.read.pages });
    if (pages.length > 100) throw new Error('the listing does not end');
    token = next;
  } while (token !== undefined);
  return pages;
}
