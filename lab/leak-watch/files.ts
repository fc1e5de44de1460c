import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WATCH_FOLDER } from './notes.ts';

/** Keeps a copy of what lies in a directory, such as the data of an Azurite that has ended. */
export async function noteFiles(directory: string): Promise<void> {
  const folder = process.env[WATCH_FOLDER];
  if (folder === undefined) return;
  const name = `files-${process.pid}-${performance.now().toString(36).replace('.', '')}-${basename(directory)}`;
  await cp(directory, join(folder, name), { recursive: true });
}
