import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { elementsOf, membersOf, sliceText } from '../defender/json-slices.ts';
import type { FileFault } from '../defender/load-files.ts';
import type { HuntControl } from './control.ts';
import { readStoredRow, type StoredRow } from './rows/stored.ts';
import { ticksOfMs } from './ticks.ts';

/** The rows of one file, and which query's they are. */
export interface HuntResults {
  readonly file: string;
  /** KQL; its time limits do not matter. */
  readonly query: string | undefined;
  readonly hash: string | undefined;
  /** Ids or names; empty: every tenant. */
  readonly tenants: readonly string[];
  readonly rows: readonly StoredRow[];
}

export interface HuntFiles {
  readonly results: readonly HuntResults[];
  /** What was not loaded; everything else was. */
  readonly faults: readonly FileFault[];
}

const HASH = /^[0-9a-f]{16}$/;
const DAY = 86_400_000;
const RETENTION_DAYS = 30;

/**
 * Reads the answers of hunts from folders and files: see README.md for their form.
 *
 * @param now milliseconds since 1970; rows that are too old to be found are told as faults, and loaded
 */
export async function readHuntFiles(paths: readonly string[], now: number): Promise<HuntFiles> {
  const results: HuntResults[] = [];
  const faults: FileFault[] = [];
  for (const path of paths) {
    for (const file of await filesUnder(path, faults)) {
      try {
        const read = await readResults(file);
        results.push(read);
        faults.push(...tooOld(read, now));
      } catch (cause) {
        faults.push({ file, reason: messageOf(cause) });
      }
    }
  }
  return { results, faults };
}

/** Gives the rows to the queries. @returns files whose query Defender would refuse, or whose tenant there is not */
export async function applyHuntFiles(
  control: HuntControl,
  { results }: HuntFiles,
  tenants: readonly { readonly id: string; readonly name: string }[],
): Promise<readonly FileFault[]> {
  const faults: FileFault[] = [];
  for (const { file, query, hash, tenants: names, rows } of results) {
    try {
      const named = query === undefined ? hash : await control.hashOf(query);
      if (named === undefined) throw new Error('no query');
      const ids = names.map((name) => idOf(name, tenants));
      for (const tenant of ids.length === 0 ? [undefined] : ids) {
        control.loadRows({ hash: named, tenant }, rows);
      }
    } catch (cause) {
      faults.push({ file, reason: messageOf(cause) });
    }
  }
  return faults;
}

function idOf(name: string, tenants: readonly { readonly id: string; readonly name: string }[]): string {
  const found = tenants.find((tenant) => [tenant.id, tenant.name].includes(name));
  if (found) return found.id;
  const known = tenants.map((tenant) => tenant.name).join(', ');
  throw new Error(`there is no tenant ${name}; there are ${known}`);
}

async function filesUnder(path: string, faults: FileFault[]): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path, { recursive: true });
    const files = names.filter((name) => /\.(json|ndjson|jsonl)$/.test(name)).sort();
    if (files.length === 0) faults.push({ file: path, reason: 'no .json or .ndjson file in this folder' });
    return files.map((name) => join(path, name));
  } catch (cause) {
    faults.push({ file: path, reason: messageOf(cause) });
    return [];
  }
}

async function readResults(file: string): Promise<HuntResults> {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)).trim();
  const stem = basename(file, extname(file));
  const read = /l$/.test(extname(file)) || extname(file) === '.ndjson' ? lines(text) : document(text);
  const query = read.query ?? (await queryBeside(dirname(file), stem));
  const hash = read.hash ?? (HASH.test(stem) ? stem : undefined);
  if (query === undefined && hash === undefined) {
    throw new Error(`nothing says which query it is of: put the query into ${stem}.kql beside it`);
  }
  return {
    file,
    query,
    hash,
    tenants: read.tenants,
    rows: read.rows.map((row, place) => numbered(place, () => readStoredRow(row))),
  };
}

interface Read {
  readonly query?: string;
  readonly hash?: string;
  readonly tenants: readonly string[];
  /** JSON texts. */
  readonly rows: readonly string[];
}

const lines = (text: string): Read => ({
  tenants: [],
  rows: text.split('\n').filter((line) => line.trim() !== ''),
});

/** An array of rows, a saved answer of either endpoint, or an object that says query, tenants and rows. */
function document(text: string): Read {
  JSON.parse(text);
  if (text.startsWith('[')) return { tenants: [], rows: elements(text) };
  const members = new Map(membersOf(text).map(({ key, value }) => [key, sliceText(text, value)]));
  const rows = members.get('rows') ?? members.get('results') ?? members.get('Results');
  if (!rows?.startsWith('[')) throw new Error('no list named rows, results or Results in it');
  const query = textMember(members, 'query');
  const hash = textMember(members, 'hash');
  const tenants: unknown = JSON.parse(members.get('tenants') ?? '[]');
  if (!Array.isArray(tenants) || !tenants.every((one) => typeof one === 'string')) {
    throw new Error('tenants must be a list of ids or names');
  }
  return {
    ...(query === undefined ? {} : { query }),
    ...(hash === undefined ? {} : { hash }),
    tenants,
    rows: elements(rows),
  };
}

const elements = (text: string): string[] => elementsOf(text).map((slice) => sliceText(text, slice));

function textMember(members: ReadonlyMap<string, string>, name: string): string | undefined {
  const written = members.get(name);
  if (written === undefined) return undefined;
  const value: unknown = JSON.parse(written);
  if (typeof value === 'string') return value;
  throw new Error(`${name} must be a string`);
}

async function queryBeside(folder: string, stem: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, `${stem}.kql`), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

function numbered<T>(place: number, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`row ${place + 1}: ${messageOf(cause)}`, { cause });
  }
}

function tooOld({ file, rows }: HuntResults, now: number): FileFault[] {
  const oldest = ticksOfMs(now - RETENTION_DAYS * DAY);
  const old = rows.filter(({ at }) => at !== undefined && at < oldest).length;
  if (old === 0) return [];
  return [
    {
      file,
      reason: `${old} of ${rows.length} rows are older than ${RETENTION_DAYS} days; no hunt finds them`,
    },
  ];
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
