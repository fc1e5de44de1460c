import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { StreamingBlobStore } from '../../storage.ts';
import { unknownFormat } from '../../stored-format.ts';
import type { HuntGroup } from './hunt-group.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);
const FORMAT = 1;
const GROUP_ID = /^[0-9a-f]{32}$/;

export async function writeGroup(blobs: StreamingBlobStore, group: HuntGroup): Promise<void> {
  const text = JSON.stringify({ v: FORMAT, ...group });
  await blobs.put(blobOf(group.id), await pack(text), { v: String(FORMAT) });
}

/** @returns undefined when there is none of this id */
export async function readGroup(blobs: StreamingBlobStore, id: string): Promise<HuntGroup | undefined> {
  if (!GROUP_ID.test(id)) return undefined;
  const content = await blobs.get(blobOf(id));
  if (!content) return undefined;
  const { v, ...group } = JSON.parse((await unpack(content)).toString()) as HuntGroup & {
    readonly v: number;
  };
  if (v === FORMAT) return group;
  throw unknownFormat(`group ${id} of hunts`, v, FORMAT);
}

/** Deletes groups that were written at `untilMs` or before. */
export async function pruneGroups(blobs: StreamingBlobStore, untilMs: number): Promise<void> {
  for await (const page of blobs.list(FOLDER)) {
    for (const { name, etag, modifiedMs } of page) {
      if (modifiedMs <= untilMs) await blobs.deleteIf(name, etag);
    }
  }
}

/** Beside the folders of the tenants, whose names are GUIDs. */
const FOLDER = 'groups/';
const blobOf = (id: string): string => `${FOLDER}${id}.json`;
