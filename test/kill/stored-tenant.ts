import { setGlobalProxyFromEnv } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { Cloud } from '../../lab/cloud.ts';
import { createManagedIdentity, tokenCredentialOf } from '../../shared/auth/managed-identity.ts';
import { systemClock } from '../../shared/clock.ts';
import { mapLimit } from '../../shared/concurrency.ts';
import { readConfig, requirePart } from '../../shared/config.ts';
import { blobFolder, blobName } from '../../shared/incidents/keys.ts';
import { readState } from '../../shared/incidents/session.ts';
import type { SyncState } from '../../shared/incidents/state.ts';
import { createBlobStore } from '../../shared/state/blob-store.ts';
import { createTableStore } from '../../shared/state/table-store.ts';
import type { Columns } from '../../shared/storage.ts';

const READS_AT_ONCE = 16;

/** All that is stored of a tenant. */
export interface StoredTenant {
  readonly state: SyncState;
  /** By row key. */
  readonly rows: ReadonlyMap<string, Columns>;
  readonly blobs: ReadonlySet<string>;
  /** The text of each incident's current version. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface StoredReader {
  /** A queue of the account. */
  queue(name: string): QueueClient;
  state(tenant: string): Promise<SyncState | undefined>;
  all(tenant: string): Promise<StoredTenant>;
}

/** Reads what the app's processes have stored, from beside them. */
export function createStoredReader(cloud: Cloud): StoredReader {
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER'])
    process.env[name] = cloud.env[name];
  setGlobalProxyFromEnv(process.env);
  setDefaultCACertificates([...getCACertificates('bundled'), cloud.authority.pem]);
  const { tableUri, blobUri, queueUri, identityClientId } = requirePart(
    readConfig({ ...cloud.env }),
    'storage',
  );
  const credential = tokenCredentialOf(
    createManagedIdentity({ clientId: identityClientId, clock: systemClock }),
  );
  const table = createTableStore({ uri: tableUri, table: 'OutriderIncidents', credential });
  const store = createBlobStore({ uri: blobUri, container: 'outrider-incidents', credential });

  async function textOf(tenant: string, id: string, version: string): Promise<string> {
    const content = await store.get(blobName(tenant, id, version));
    if (!content) throw new Error(`tenant ${tenant}: the blob of incident ${id} is missing`);
    return gunzipSync(content).toString();
  }

  return {
    queue: (name) => new QueueServiceClient(queueUri, credential).getQueueClient(name),
    // An emulator on a busy machine may not answer in time; it is only looked at.
    state: (tenant) => readState(table, tenant).catch(() => readState(table, tenant)),
    async all(tenant) {
      const state = await readState(table, tenant);
      if (!state) throw new Error(`tenant ${tenant} has no state`);
      const rows = new Map<string, Columns>();
      for await (const page of table.range(tenant, ' ', '~~~'))
        for (const { key, columns } of page) rows.set(key, columns);
      const blobs = new Set<string>();
      for await (const page of store.list(blobFolder(tenant))) for (const { name } of page) blobs.add(name);
      const current = [...rows].filter(([key]) => key.startsWith('c|')).map(([, columns]) => columns);
      const texts = await mapLimit(
        current,
        READS_AT_ONCE,
        async ({ id, version }) => [String(id), await textOf(tenant, String(id), String(version))] as const,
      );
      return { state, rows, blobs, texts: new Map(texts) };
    },
  };
}
