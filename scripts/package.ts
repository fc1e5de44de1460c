import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { zipSync } from 'fflate';
import { APP_FOLDER, buildApp } from './build.ts';

/** What `func azure functionapp publish --no-build` or a zip deployment takes. */
export const PACKAGE_FILE = join(APP_FOLDER, '..', 'outrider.zip');

// The time in the zip is fixed, so that the same input gives the same bytes.
const ZIP_TIME = new Date('2000-01-01T00:00:00');

/** Builds the app into `folder` and zips it; returns the zip's path and size in bytes. */
export async function packageApp(
  file: string = PACKAGE_FILE,
  folder: string = APP_FOLDER,
): Promise<{ readonly file: string; readonly bytes: number }> {
  await buildApp(folder);
  const names = (await readdir(folder, { recursive: true })).sort();
  const entries: Record<string, [Uint8Array, { mtime: Date }]> = {};
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) {
      entries[relative(folder, path).split(sep).join('/')] = [await readFile(path), { mtime: ZIP_TIME }];
    }
  }
  const zip = zipSync(entries, { level: 9 });
  await writeFile(file, zip);
  return { file, bytes: zip.byteLength };
}

if (import.meta.main) {
  const { file, bytes } = await packageApp();
  console.log(`${relative(process.cwd(), file)}: ${(bytes / 1024).toFixed(0)} KiB`);
}
