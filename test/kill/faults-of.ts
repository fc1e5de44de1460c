import { isDeepStrictEqual } from 'node:util';
import { msFromPadded, ticksFromPadded } from '../../shared/time.ts';
import type { StoredTenant } from './stored-tenant.ts';

/** What a live list has to say about a tenant. */
export interface Listed {
  readonly id: string;
  ids(): readonly string[];
  incident(id: string): object | undefined;
}

interface Row {
  readonly id: string;
  readonly version: string;
  readonly sequence: number;
  readonly lastUpdate: string;
  readonly status: string;
  readonly superseded?: boolean;
}

/** What is wrong with what is stored of a tenant: lost, doubled, or at odds with itself. Nothing when all is well. */
export function faultsOf(listed: Listed, stored: StoredTenant): string[] {
  const history = rowsOf(stored, 'h|').sort((a, b) => a.sequence - b.sequence);
  return [
    ...lost(listed, stored),
    ...doubled(history, 'history'),
    ...doubled(rowsOf(stored, 'x|'), 'change feed'),
    ...unkept(listed.id, history, stored),
    ...unannounced(history, stored),
    ...strayIndexes(stored),
    ...miscounted(history, stored),
  ].map((fault) => `tenant ${listed.id}: ${fault}`);
}

function rowsOf({ rows }: StoredTenant, prefix: string): Row[] {
  return [...rows].filter(([key]) => key.startsWith(prefix)).map(([, columns]) => columns as unknown as Row);
}

/** Every listed incident is stored with its text of now, and nothing else is. */
function lost({ ids, incident }: Listed, { texts }: StoredTenant): string[] {
  const listed = new Set(ids());
  const invented = [...texts.keys()].filter((id) => !listed.has(id));
  const missing = [...listed].filter((id) => !texts.has(id));
  const stale = [...listed].filter((id) => {
    const text = texts.get(id);
    return text !== undefined && !isDeepStrictEqual(withoutContext(text), incident(id));
  });
  return [
    ...invented.map((id) => `incident ${id} is stored and not listed`),
    ...missing.map((id) => `incident ${id} is lost`),
    ...stale.map((id) => `incident ${id} is not stored as it is now`),
  ];
}

/** What an incident says, without what Graph adds about the answer that it came in. */
function withoutContext(text: string): object {
  const { '@odata.context': _whole, 'alerts@odata.context': _alerts, ...incident } = JSON.parse(text);
  return incident;
}

/** Each version once (here no incident ever goes back to an earlier one), each sequence once. */
function doubled(rows: readonly Row[], where: string): string[] {
  const versions = repeated(
    rows.map(({ id, version }) => `version ${version.slice(0, 8)} of incident ${id}`),
  );
  const sequences = repeated(rows.map(({ sequence }) => `sequence ${sequence}`));
  return [...versions, ...sequences].map((what) => `${what} is in the ${where} more than once`);
}

function repeated(items: readonly string[]): string[] {
  const known = new Set<string>();
  return items.filter((item) => known.size === known.add(item).size);
}

/** The current version is in the history, and every version's blob is there. */
function unkept(tenant: string, history: readonly Row[], stored: StoredTenant): string[] {
  const known = new Set(history.map(({ id, sequence, version }) => `${id} ${sequence} ${version}`));
  const unknown = rowsOf(stored, 'c|').filter(
    ({ id, sequence, version }) => !known.has(`${id} ${sequence} ${version}`),
  );
  const folder = `${tenant}/incidents/`;
  const bare = history.filter(({ id, version }) => !stored.blobs.has(`${folder}${id}!${version}.json.gz`));
  return [
    ...unknown.map(({ id }) => `the current version of incident ${id} is not in its history`),
    ...bare.map(({ id, sequence }) => `version ${sequence} of incident ${id} has no blob`),
  ];
}

/** Each version but the first load's is on the change feed, under its own number. */
function unannounced(history: readonly Row[], stored: StoredTenant): string[] {
  const feed = new Map(rowsOf(stored, 'x|').map((row) => [row.sequence, row]));
  const loadedTo = stored.state.firstLoad?.to ?? '';
  const known = new Set<string>();
  const wanted = history.filter(({ id, lastUpdate, superseded }) => {
    if (superseded) return false;
    const first = !known.has(id);
    known.add(id);
    return !first || lastUpdate >= loadedTo;
  });
  const missing = wanted.filter(({ id, sequence, version }) => {
    const row = feed.get(sequence);
    return row?.id !== id || row.version !== version;
  });
  const versions = new Set(history.map(({ sequence }) => sequence));
  const strange = [...feed.keys()].filter((sequence) => !versions.has(sequence));
  return [
    ...missing.map(({ id, sequence }) => `version ${sequence} of incident ${id} is not announced`),
    ...strange.map((sequence) => `the change feed has ${sequence}, which no history has`),
  ];
}

/** The index rows say what the records say, no more and no less. */
function strayIndexes({ rows }: StoredTenant): string[] {
  const wanted = new Map<string, object>();
  for (const [key, columns] of rows) {
    if (!key.startsWith('c|')) continue;
    const { lastUpdate, status } = columns as unknown as Row;
    const inverted = String(10n ** 19n - ticksFromPadded(lastUpdate)).padStart(20, '0');
    const place = `${inverted}|${key.slice(2)}`;
    wanted.set(`t|${place}`, columns);
    if (status !== 'resolved' && status !== 'redirected') wanted.set(`o|${place}`, columns);
  }
  const found = [...rows].filter(([key]) => /^[to]\|/.test(key));
  const stray = found.filter(([key, columns]) => !isDeepStrictEqual(columns, wanted.get(key)));
  const present = new Set(found.map(([key]) => key));
  const missing = [...wanted.keys()].filter((key) => !present.has(key));
  return [
    ...stray.map(([key]) => `the index row ${key} is not its record's`),
    ...missing.map((key) => `the index row ${key} is missing`),
  ];
}

function miscounted(history: readonly Row[], { state, texts }: StoredTenant): string[] {
  const { incidents, versions } = state.counts;
  return [
    ...(incidents === texts.size ? [] : [`${incidents} incidents are counted, ${texts.size} stored`]),
    ...(versions === history.length ? [] : [`${versions} versions are counted, ${history.length} stored`]),
    ...(state.nextSequence > (history.at(-1)?.sequence ?? 0) ? [] : ['a sequence would be given twice']),
  ];
}

/** Whether a complete pass over what is new began after this time (milliseconds since 1970), and is stored. */
export function isFreshSince(
  { state }: { readonly state: StoredTenant['state'] | undefined },
  ms: number,
): boolean {
  const passBegan = state?.head?.passBegan;
  return passBegan !== undefined && msFromPadded(passBegan) > ms;
}
