import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNotes, WATCH_FOLDER } from '../../lab/leak-watch/notes.ts';
import { reportOf } from './report.ts';
import { scanFolder } from './scan-folder.ts';

/**
 * Around a whole test run: makes the folder in which all its processes note secrets and what may hold them, notes what
 * the run itself prints, and searches everything at the end. A leak fails the run; its folder is kept.
 */
export default async function watchForLeaks(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'outrider-leak-watch-'));
  process.env[WATCH_FOLDER] = folder;
  const notes = createNotes(folder);
  const release = [process.stdout, process.stderr].map((stream, place) =>
    noteWrites(stream, notes.stream(place === 0 ? 'stdout of the test run' : 'stderr of the test run')),
  );

  return async () => {
    for (const end of release) end();
    delete process.env[WATCH_FOLDER];
    const scan = scanFolder(folder);
    if (scan.leaks.length > 0) {
      process.exitCode = 1;
      throw new Error(`${reportOf(scan)}\n  What was searched, and the secrets: ${folder}`);
    }
    await rm(folder, { recursive: true, force: true });
    if (Object.keys(scan.secrets).length > 0) process.stdout.write(`\n${reportOf(scan)}\n`);
  };
}

/** @returns a function that ends it */
function noteWrites(stream: NodeJS.WriteStream, note: (chunk: string | Uint8Array) => void): () => void {
  const write = stream.write;
  stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    note(chunk);
    return write.call(stream, chunk, ...rest);
  }) as typeof write;
  return () => {
    stream.write = write;
  };
}
