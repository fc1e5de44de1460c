import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Columns } from '../../shared/storage.ts';
import type { MemoryStore } from '../support/memory-store.ts';

/** Rows of one partition, and blobs as base64, as a version of Outrider has left them. */
export interface Stored {
  readonly partition: string;
  readonly rows: readonly { readonly key: string; readonly columns: Columns }[];
  readonly blobs: Readonly<Record<string, string>>;
}

export type StoredName = 'incidents' | 'findings' | 'hunts' | 'tenants';

/** Everything that a store holds of a partition. */
export function dumped(store: MemoryStore, partition: string): Stored {
  const rows = store.rows(partition).map(({ key, columns }) => ({ key, columns }));
  const blobs = store
    .blobNames()
    .map((name) => [name, Buffer.from(store.blob(name) ?? '').toString('base64')] as const);
  return { partition, rows, blobs: Object.fromEntries(blobs) };
}

/** Puts what another version left into an empty store. */
export async function load(store: MemoryStore, { partition, rows, blobs }: Stored): Promise<void> {
  for (const { key, columns } of rows) await store.table.transact(partition, [{ op: 'put', key, columns }]);
  for (const [name, content] of Object.entries(blobs)) {
    await store.blobs.put(name, Buffer.from(content, 'base64'), { v: '1' });
  }
}

/** What a version with this number of format left. The file is never written anew: it is what deployments have. */
export async function storedBy(format: number): Promise<Readonly<Record<StoredName, Stored>>> {
  return JSON.parse(await readFile(join(import.meta.dirname, `format-${format}.json`), 'utf8'));
}
