import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEntry, SeenHeader } from '../../lab/leak-watch/notes.ts';
import { isAllowed } from './allowed.ts';
import { findSecrets, type Sighting } from './find-secrets.ts';
import { piecesOf } from './pieces.ts';
import { createSecretIndex, type SecretIndex } from './secret-index.ts';

/** A secret where it must not be. Says nothing of the secret itself. */
export interface Leak {
  /** What leaked, and who issued or received it. */
  readonly secret: string;
  /** Where it shows, and on whose behalf that was written. */
  readonly place: string;
  readonly form: string;
}

export interface Scan {
  readonly leaks: readonly Leak[];
  /** How many secrets there were of each kind. */
  readonly secrets: Readonly<Record<string, number>>;
  /** Values too short to be told from ordinary words. */
  readonly tooShort: number;
  readonly pieces: number;
  readonly bytes: number;
  readonly cpuMs: number;
}

/** Searches all that the processes of a run have noted for all secrets that they have noted. */
export function scanFolder(folder: string): Scan {
  const start = process.cpuUsage();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const ledger = files.filter(isLedger).flatMap(entriesOf);
  const known = [...new Map(ledger.map((entry) => [entry.value, entry])).values()];
  const pieces = known.map(piecesOf);
  const index = createSecretIndex(pieces);
  const leaks = new Map<string, Leak>();
  let bytes = 0;
  let count = 0;

  for (const file of files) {
    if (isLedger(file)) continue;
    for (const seen of contentsOf(file)) {
      bytes += seen.content.length;
      count++;
      for (const sighting of findSecrets(index, seen.content)) {
        const secret = known[sighting.secret];
        if (secret && !isAllowed({ ...seen, kind: secret.kind }))
          note(leaks, leakOf(index, secret, sighting, seen));
      }
    }
  }

  const { user, system } = process.cpuUsage(start);
  return {
    leaks: [...leaks.values()],
    secrets: countsOf(known),
    tooShort: pieces.filter(({ length }) => length === 0).length,
    pieces: count,
    bytes,
    cpuMs: (user + system) / 1000,
  };
}

function isLedger(file: string): boolean {
  return file.endsWith('.ledger');
}

function entriesOf(file: string): LedgerEntry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  // The last line is empty, or broken off with the process that wrote it.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as LedgerEntry);
}

interface Seen {
  readonly what: string;
  readonly by: string;
  /** With its header as the first line: a command line may hold a secret, too. */
  readonly content: Uint8Array;
}

/** What a file of the watch holds; any other file, such as one of Azurite's, is one content as a whole. */
function* contentsOf(file: string): Generator<Seen> {
  const bytes = readFileSync(file);
  if (!file.endsWith('.seen'))
    return yield { what: `file ${file}`, by: 'a lab that kept its storage', content: bytes };
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf('\n', at);
    if (newline < 0) return;
    const { what, by, length } = JSON.parse(bytes.toString('utf8', at, newline)) as SeenHeader;
    const end = length === undefined ? bytes.length : newline + 1 + length;
    yield { what, by, content: bytes.subarray(at, end) };
    at = end;
  }
}

function leakOf(index: SecretIndex, secret: LedgerEntry, { form, line }: Sighting, { what, by }: Seen): Leak {
  const isTold = findSecrets(index, Buffer.from(`${what} ${by}`)).length > 0;
  const name = isTold ? 'something that has a secret in its very name' : `${what}, of ${by}`;
  return {
    secret: `${secret.kind}${describe(secret)}, known from ${secret.by}`,
    place: line === undefined || line === 1 ? name : `${name}, line ${line - 1}`,
    form,
  };
}

/** What a token says of itself is no secret. */
function describe({ value }: LedgerEntry): string {
  const [, payload = ''] = value.split('.');
  try {
    const { aud, appid, azp, iss } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return ` of ${appid ?? azp ?? iss} for ${aud}`;
  } catch {
    return '';
  }
}

function note(leaks: Map<string, Leak>, leak: Leak): void {
  const key = `${leak.secret} ${leak.place}`;
  if (!leaks.has(key)) leaks.set(key, leak);
}

function countsOf(entries: readonly LedgerEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of entries) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
