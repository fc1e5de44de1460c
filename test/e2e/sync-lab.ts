// First, since modules keep `Date.now`.

import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type Cloud, type CloudOptions, startCloud } from '../../lab/cloud.ts';
import type { LiveTenant } from '../../lab/defender/defender.ts';
import { defaultSettings } from '../../lab/defender/settings.ts';
import { notes } from '../../lab/leak-watch/notes.ts';
import type { LoggedRequest } from '../../lab/net/request-log.ts';
import { createOutrider, type Outrider } from '../../shared/app.ts';
import { createManagedIdentity, tokenCredentialOf } from '../../shared/auth/managed-identity.ts';
import { mapLimit } from '../../shared/concurrency.ts';
import { readConfig, requirePart } from '../../shared/config.ts';
import { blobName, currentKey } from '../../shared/incidents/keys.ts';
import { type IncidentRecord, recordFrom } from '../../shared/incidents/records.ts';
import { readState } from '../../shared/incidents/session.ts';
import type { SyncState } from '../../shared/incidents/state.ts';
import type { Log } from '../../shared/log.ts';
import { createBlobStore } from '../../shared/state/blob-store.ts';
import { createTableStore } from '../../shared/state/table-store.ts';
import type { BlobStore, TableStore } from '../../shared/storage.ts';
import { tenantMessage } from '../../shared/tenant-message.ts';
import { proxyByNode } from '../support/node-proxy.ts';
import { findLeaks } from './leaks.ts';
import { advance, hurriedClock } from './moving-time.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const READS_AT_ONCE = 16;
/** Blobs that are scanned for secrets, of each tenant: all of them are written by the same line. */
const SCANNED_BLOBS = 20;

/** One log event of the product. */
export interface LoggedEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The offline cloud with the product in this very process: real libraries, real sockets, real Azurite. */
export interface SyncLab {
  readonly cloud: Cloud;
  readonly outrider: Outrider;
  readonly log: Log;
  /** What was logged to `log`. */
  readonly events: readonly LoggedEvent[];
  /** The next tenant that no test has used yet. */
  tenant(api?: 'graph' | 'xdr'): SyncedTenant;
  /** Back to the default behaviour of the lab, no faults. */
  calm(): void;
  /** Where a secret shows in log events, rows or blobs. */
  leaks(): Promise<string[]>;
  stop(): Promise<void>;
}

/** One tenant: its live incidents, and what the product has made of them. */
export interface SyncedTenant {
  readonly id: string;
  readonly live: LiveTenant;
  /** One message of the sync queue, handled as the queue function does. */
  run(): Promise<SyncState>;
  /** Runs until a run leaves nothing to do. */
  settle(): Promise<SyncState>;
  state(): Promise<SyncState>;
  record(id: string): Promise<IncidentRecord | undefined>;
  /** The stored text of an incident, as `?as=source` gives it. */
  source(id: string): Promise<string>;
  feed(): Promise<readonly IncidentRecord[]>;
  history(id: string): Promise<readonly IncidentRecord[]>;
  /** Requests to the lab during `work` that concern this tenant. */
  requestsOf(work: () => Promise<unknown>): Promise<readonly LoggedRequest[]>;
  /** Everything listed is stored as it is, and nothing else is counted as listed. */
  expectSame(): Promise<void>;
}

export async function startSyncLab(options: CloudOptions & { readonly tenants: number }): Promise<SyncLab> {
  const secrets: string[] = [];
  const cloud = await startCloud({ ...options, onSecret: (secret) => secrets.push(secret) });
  enter(cloud);
  const config = readConfig({ ...cloud.env });
  expect(config.faults).toEqual([]);
  const outrider = createOutrider(config, hurriedClock);
  const storage = requirePart(config, 'storage');
  const credential = tokenCredentialOf(
    createManagedIdentity({ clientId: storage.identityClientId, clock: hurriedClock }),
  );
  const table = createTableStore({ uri: storage.tableUri, table: 'OutriderIncidents', credential });
  const blobs = createBlobStore({ uri: storage.blobUri, container: 'outrider-incidents', credential });
  const events: LoggedEvent[] = [];
  const note =
    (level: LoggedEvent['level']) =>
    (event: string, fields = {}) => {
      events.push({ level, event, fields });
      notes().seen('log event of the product', JSON.stringify({ event, fields }));
    };
  const log: Log = { info: note('info'), warn: note('warn'), error: note('error') };
  const unused = [...cloud.world.tenants];
  const used: string[] = [];

  return {
    cloud,
    outrider,
    log,
    events,
    tenant(api = 'graph') {
      const place = unused.findIndex((tenant) => tenant.api === api);
      const [tenant] = place < 0 ? [] : unused.splice(place, 1);
      if (!tenant) throw new Error(`start the lab with more tenants: no ${api} tenant is left`);
      used.push(tenant.id);
      return syncedTenant({ cloud, outrider, table, log, id: tenant.id, api });
    },
    calm() {
      cloud.faults.clear();
      Object.assign(cloud.defender.settings, defaultSettings());
    },
    async leaks() {
      expect(secrets.length).toBeGreaterThan(2);
      const texts = events.map((event) => JSON.stringify(event));
      for (const id of used) texts.push(...(await everythingStored({ table, blobs }, id)));
      return findLeaks(secrets, texts);
    },
    stop: cloud.stop,
  };
}

/** Lets this process's libraries live in the lab, as one started with its environment would. */
export function enter(cloud: Cloud): void {
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER']) {
    process.env[name] = cloud.env[name];
  }
  proxyByNode(process.env);
  setDefaultCACertificates([...getCACertificates('bundled'), cloud.authority.pem]);
}

interface Parts {
  readonly cloud: Cloud;
  readonly outrider: Outrider;
  readonly table: TableStore;
  readonly log: Log;
  readonly id: string;
  readonly api: 'graph' | 'xdr';
}

function syncedTenant({ cloud, outrider, table, log, id, api }: Parts): SyncedTenant {
  const live = cloud.defender.tenant(id);

  async function rows(prefix: string): Promise<IncidentRecord[]> {
    const found: IncidentRecord[] = [];
    for await (const page of table.range(id, prefix, `${prefix}~~`)) found.push(...page.map(recordFrom));
    return found;
  }

  const tenant: SyncedTenant = {
    id,
    live,
    async run() {
      await outrider.syncFromMessage(log, JSON.parse(tenantMessage(id)));
      return tenant.state();
    },
    async settle() {
      for (let round = 0; round < 100; round++) {
        const { lastRun, failure } = await tenant.run();
        expect(failure).toBeUndefined();
        if (lastRun?.more === false) return tenant.state();
        advance(MINUTE);
      }
      throw new Error('the sync does not settle');
    },
    async state() {
      const state = await readState(table, id);
      if (!state) throw new Error(`tenant ${id} has no state`);
      return state;
    },
    async record(incident) {
      const row = await table.get(id, currentKey(incident));
      return row && recordFrom(row);
    },
    async source(incident) {
      const found = await outrider.incidents.get({ tenant: id, id: incident });
      if (!found) throw new Error(`incident ${incident} is not stored`);
      return outrider.incidents.text(found, id, 'source');
    },
    feed: () => rows('x|'),
    async history(incident) {
      return (await outrider.incidents.versions({ tenant: id, id: incident }))?.toReversed() ?? [];
    },
    async requestsOf(work) {
      const last = cloud.log.entries().at(-1);
      await work();
      const entries = cloud.log.entries();
      return entries.slice(last ? entries.lastIndexOf(last) + 1 : 0).filter((entry) => entry.tenant === id);
    },
    async expectSame() {
      const listed = live.listedIds(api);
      await mapLimit(listed, READS_AT_ONCE, async (incident) => {
        expect(withoutContext(await tenant.source(incident))).toEqual(live.get(incident));
      });
      const current = await rows('c|');
      const shown = current.filter(({ notSeenSince }) => notSeenSince === undefined).map((row) => row.id);
      expect(shown.sort()).toEqual(listed.sort());
    },
  };
  return tenant;
}

/** What an incident says, without what Graph adds about the answer that it came in. */
function withoutContext(text: string): object {
  const { '@odata.context': _whole, 'alerts@odata.context': _alerts, ...incident } = JSON.parse(text);
  return incident;
}

async function everythingStored(
  { table, blobs }: { readonly table: TableStore; readonly blobs: BlobStore },
  tenant: string,
): Promise<string[]> {
  const texts: string[] = [];
  for await (const page of table.range(tenant, ' ', '~~~')) {
    texts.push(...page.map((row) => JSON.stringify(row)));
  }
  const folder = blobName(tenant, '', '').split('/')[0];
  for await (const page of blobs.list(`${folder}/`)) {
    const contents = await mapLimit(page.slice(0, SCANNED_BLOBS), READS_AT_ONCE, ({ name }) =>
      blobs.get(name),
    );
    texts.push(...contents.flatMap((content) => (content ? [gunzipSync(content).toString()] : [])));
  }
  return texts;
}
