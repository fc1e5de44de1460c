import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import type { Readable } from 'node:stream';
import { notes, WATCH_FOLDER } from './notes.ts';

let following = false;

/** From now on notes what the child processes of this process print, as far as it is piped here. */
export function noteOutputOfChildren(): void {
  if (following || process.env[WATCH_FOLDER] === undefined) return;
  following = true;
  subscribe('child_process', (message) => {
    const child = (message as { readonly process: ChildProcess }).process;
    // Its streams are there by then, and nothing has been read from them yet.
    child.once('spawn', () => {
      const command = child.spawnargs.slice(1).join(' ').slice(0, 200);
      noteReads(child.stdout, `stdout of ${command}`);
      noteReads(child.stderr, `stderr of ${command}`);
    });
  });
}

/** Sees every chunk as it is read from the pipe; a listener for `data` would set the stream flowing. */
function noteReads(stream: Readable | null, what: string): void {
  if (stream === null) return;
  const write = notes().stream(what);
  const push = stream.push.bind(stream);
  stream.push = (chunk: Buffer | string | null, encoding?: BufferEncoding) => {
    if (chunk !== null) write(chunk);
    return push(chunk, encoding);
  };
}
