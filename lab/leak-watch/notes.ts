import { mkdirSync, openSync, writeSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

/**
 * Environment variable with a folder. When it is set, every process of a test run that uses the lab writes down
 * there which secrets exist and what is to be searched for them; test/secrets reads it when the run has ended.
 */
export const WATCH_FOLDER = 'LAB_LEAK_WATCH';
/** Environment variable that says on whose behalf a process runs: the test file. */
export const WATCHED_TEST = 'LAB_LEAK_WATCH_TEST';

/** What a secret is, in the words of a finding. */
export type SecretKind =
  | 'access token'
  | 'id token'
  | 'refresh token'
  | 'authorization code'
  | 'device code'
  | 'user assertion'
  | 'client assertion'
  | 'client secret'
  | 'vault secret'
  | 'managed identity header'
  | 'storage account key'
  | 'invitation link'
  | "browser's cookie"
  | "key of the lab's control endpoint";

/** A line of a ledger file. */
export interface LedgerEntry {
  readonly kind: SecretKind;
  readonly value: string;
  /** The test file or command in which it was issued or received. */
  readonly by: string;
}

/** What stands, as a line of JSON, before a piece of content that is to be searched. */
export interface SeenHeader {
  /** `stdout of …`, `PUT https://…`. */
  readonly what: string;
  readonly by: string;
  /** Length of the content in bytes; without it, the content goes on to the end of the file. */
  readonly length?: number;
}

export interface Notes {
  /** Tells of a secret that was issued or received. */
  secret(kind: SecretKind, value: string): void;
  /** Keeps content that no secret may show in. */
  seen(what: string, ...content: readonly (string | Uint8Array)[]): void;
  /** The same for content that comes bit by bit. */
  stream(what: string): (chunk: string | Uint8Array) => void;
}

const FILE_BYTES = 32 * 1024 * 1024;
const NOTHING: Notes = { secret: () => {}, seen: () => {}, stream: () => () => {} };

let last: { readonly folder: string | undefined; readonly notes: Notes } = {
  folder: undefined,
  notes: NOTHING,
};

/** The notes of this process; those of a run that nobody watches go nowhere. */
export function notes(): Notes {
  const folder = process.env[WATCH_FOLDER];
  if (folder !== last.folder) last = { folder, notes: folder ? createNotes(folder) : NOTHING };
  return last.notes;
}

/**
 * Writes at once, so that a process that is killed leaves what it knew.
 *
 * @param fileBytes up to so many bytes of content go into one file, so that it can be read whole; default 32 MiB
 */
export function createNotes(folder: string, fileBytes = FILE_BYTES): Notes {
  const name = `${process.pid}-${threadId}-${performance.now().toString(36).replace('.', '')}`;
  const known = new Set<string>();
  let files = 0;
  let ledger: number | undefined;
  let frames: { readonly file: number; left: number } | undefined;

  function open(kind: string): number {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(join(folder, `${name}-${files++}.${kind}`), 'a', 0o600);
  }

  return {
    secret(kind, value) {
      if (known.has(value)) return;
      known.add(value);
      ledger ??= open('ledger');
      const entry: LedgerEntry = { kind, value, by: onBehalfOf() };
      writeSync(ledger, `${JSON.stringify(entry)}\n`);
    },
    seen(what, ...content) {
      const parts = content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      if (!frames || frames.left < length) frames = { file: open('seen'), left: fileBytes };
      frames.left -= length;
      writevSync(frames.file, [headerOf({ what, by: onBehalfOf(), length }), ...parts]);
    },
    stream(what) {
      const file = open('seen');
      writeSync(file, headerOf({ what, by: onBehalfOf() }));
      return (chunk) => void (typeof chunk === 'string' ? writeSync(file, chunk) : writeSync(file, chunk));
    },
  };
}

function headerOf(header: SeenHeader): Buffer {
  return Buffer.from(`${JSON.stringify(header)}\n`);
}

/** A test file, or else the command. */
function onBehalfOf(): string {
  return process.env[WATCHED_TEST] ?? process.argv.slice(1).join(' ').slice(0, 200);
}
