import { gunzipSync } from 'node:zlib';
import { blobName } from '../../shared/incidents/keys.ts';
import type { IncidentRecord } from '../../shared/incidents/records.ts';
import type { SyncState } from '../../shared/incidents/state.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { contentOf, contentOfText, lastSaid } from './content.ts';
import type { SeenContent } from './gated-ports.ts';
import type { World } from './world.ts';

interface Judged {
  readonly store: MemoryStore;
  readonly world: World;
  readonly tenant: string;
  /** What completed reads of runs that ended well have seen. */
  readonly owed: readonly SeenContent[];
  /** Incidents that some run could not read whole: they may wait to be read again. */
  readonly notExpanded: ReadonlySet<string>;
  /** A sweep over everything has been since: nothing is excused any more. */
  readonly sweptNow: boolean;
}

type Version = IncidentRecord & { readonly superseded: boolean };
type FeedRow = IncidentRecord & { readonly change: string };

/** All that is stored, read the way a stranger would. */
interface Stored {
  readonly state: SyncState;
  readonly current: ReadonlyMap<string, IncidentRecord>;
  readonly history: readonly Version[];
  readonly feed: readonly FeedRow[];
  readonly rows: ReadonlyMap<string, IncidentRecord>;
  content(record: IncidentRecord): string;
}

/** Judges what is stored; the first promise that is not kept is thrown. */
export function expectWhole(judged: Judged): void {
  const stored = readAll(judged);
  expectListed(judged, stored);
  expectKept(judged, stored);
  expectHistory(judged, stored);
  expectFeed(judged, stored);
  expectIndexes(stored);
  expectCounts(stored);
}

function readAll({ store, tenant }: Judged): Stored {
  const rows = new Map(
    store.rows(tenant).map(({ key, columns }) => [key, columns as unknown as IncidentRecord]),
  );
  const of = <Row>(prefix: string): Row[] =>
    [...rows].filter(([key]) => key.startsWith(prefix)).map(([, row]) => row as Row);
  const contents = new Map<string, string>();
  const state = JSON.parse(String((rows.get('s') as unknown as { state: string }).state)) as SyncState;
  return {
    state,
    rows,
    current: new Map(of<IncidentRecord>('c|').map((record) => [record.id, record])),
    history: of<Version>('h|').sort((a, b) => a.sequence - b.sequence),
    feed: of<FeedRow>('x|'),
    content({ id, version }) {
      const name = blobName(tenant, id, version);
      const known = contents.get(name);
      if (known !== undefined) return known;
      const blob = store.blob(name);
      if (!blob) fail(`incident ${id}: the blob of version ${short(version)} is missing`);
      const content = contentOfText(gunzipSync(blob).toString());
      contents.set(name, content);
      return content;
    },
  };
}

/** All that is listed is stored as it is. */
function expectListed({ world, notExpanded, sweptNow }: Judged, stored: Stored): void {
  for (const incident of world.source.incidents.values()) {
    const { id } = incident;
    // Older than the first load reaches back, and not changed since.
    if (incident.lastUpdate < (stored.state.firstLoad?.from ?? '')) continue;
    if (!sweptNow && world.onlyBySweep.has(id)) continue;
    const record = stored.current.get(id);
    if (!record) {
      if (!sweptNow && notExpanded.has(id)) continue;
      fail(`incident ${id} is listed and not stored`);
    }
    if (record.alerts < 0 && !sweptNow && notExpanded.has(id)) continue;
    const wanted = contentOf(incident, true);
    const found = stored.content(record);
    if (found !== wanted) {
      const waits = notExpanded.has(id) && stored.state.pending.some((entry) => entry.id === id);
      if (!sweptNow && waits) continue;
      fail(`incident ${id} is not stored as it is listed: ${found} instead of ${wanted}`);
    }
    if (record.notSeenSince !== undefined) fail(`incident ${id} is listed, but marked as not seen`);
  }
}

/** What was stored stays; what the service does not know any more is marked. */
function expectKept({ world, sweptNow }: Judged, { history, current, state }: Stored): void {
  for (const { id } of history) if (!current.has(id)) fail(`incident ${id} has a history and no record`);
  if (!sweptNow) return;
  for (const { id, status, lastUpdate, notSeenSince } of current.values()) {
    if (world.source.incidents.has(id) || status === 'redirected') continue;
    if (lastUpdate < (state.firstLoad?.from ?? '')) continue;
    if (notSeenSince === undefined) fail(`incident ${id} is gone, and not marked`);
  }
}

/** Every version that a completed read saw; one version for each content; nothing that never was. */
function expectHistory({ owed, world }: Judged, { history, content }: Stored): void {
  const versions = new Map<string, string>();
  const known = new Set<string>();
  for (const record of history) {
    const said = content(record);
    if (world.seenSince(record.id, said) === undefined)
      fail(`incident ${record.id}: version ${short(record.version)} never was: ${said}`);
    const same = versions.get(said) ?? record.version;
    if (same !== record.version) fail(`incident ${record.id}: two versions say the same: ${said}`);
    versions.set(said, same);
    known.add(said);
  }
  for (const { id, content: said } of owed)
    if (!known.has(said)) fail(`incident ${id}: a version that was read is not in the history: ${said}`);
}

/** Each version after the first load once, in order. */
function expectFeed({ world }: Judged, { feed, rows, history, state, content }: Stored): void {
  const last = new Map<string, FeedRow>();
  for (const row of feed) {
    const before = last.get(row.id);
    if (rows.get(`x|${String(row.sequence).padStart(16, '0')}`)?.id !== row.id)
      fail(`the feed row ${row.sequence} has another key`);
    if (before?.version === row.version)
      fail(`incident ${row.id}: version ${short(row.version)} announced twice`);
    if (before && orderOf(before) > orderOf(row)) fail(`incident ${row.id}: the feed goes back in time`);
    last.set(row.id, row);
  }
  const announced = new Set(feed.map(({ sequence }) => sequence));
  const loadedTo = state.firstLoad?.to ?? '';
  const onboarded = Date.parse(`${loadedTo.slice(0, 23)}Z`);
  const known = new Set<string>();
  for (const record of history) {
    if (record.superseded) continue;
    const first = !known.has(record.id);
    known.add(record.id);
    const told = announced.has(record.sequence);
    if (!told && (!first || record.lastUpdate >= loadedTo))
      fail(`incident ${record.id}: version ${short(record.version)} (${content(record)}) is not announced`);
    const said = content(record);
    const wasThere = (world.seenSince(record.id, said) ?? 0) <= onboarded;
    if (told && first && wasThere && lastSaid(said, record.lastUpdate) < loadedTo)
      fail(
        `incident ${record.id} was there before the tenant was added, and is announced: ${said} (first load to ${loadedTo})`,
      );
  }
}

function orderOf({ lastUpdate, observedAt }: IncidentRecord): string {
  return `${lastUpdate} ${observedAt}`;
}

/** The index rows say what the records say, no more and no less. */
function expectIndexes({ rows, current }: Stored): void {
  const wanted = new Map<string, string>();
  for (const [key, record] of rows) {
    if (!key.startsWith('c|')) continue;
    const place = `${inverted(record.lastUpdate)}|${key.slice(2)}`;
    wanted.set(`t|${place}`, JSON.stringify(record));
    if (record.status !== 'resolved' && record.status !== 'redirected')
      wanted.set(`o|${place}`, JSON.stringify(record));
  }
  for (const [key, row] of rows) {
    if (!/^[to]\|/.test(key)) continue;
    if (wanted.get(key) !== JSON.stringify(row))
      fail(`the index row ${key} is not its record's (${current.size} records)`);
    wanted.delete(key);
  }
  for (const key of wanted.keys()) fail(`the index row ${key} is missing`);
}

function inverted(lastUpdate: string): string {
  const ticks =
    BigInt(Date.parse(`${lastUpdate.slice(0, 19)}Z`)) * 10_000n + BigInt(lastUpdate.slice(20, 27));
  return (10n ** 19n - ticks).toString().padStart(20, '0');
}

function expectCounts({ state, current, history }: Stored): void {
  const { incidents, versions } = state.counts;
  if (incidents !== current.size) fail(`${incidents} incidents are counted, ${current.size} stored`);
  if (versions !== history.length) fail(`${versions} versions are counted, ${history.length} stored`);
  const last = history.at(-1)?.sequence ?? 0;
  if (state.nextSequence <= last) fail(`the next sequence ${state.nextSequence} is not after ${last}`);
}

function short(version: string): string {
  return version.slice(0, 8);
}

function fail(why: string): never {
  throw new Error(why);
}
