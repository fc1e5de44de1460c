import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { elementsOf, membersOf, type Slice, sliceText } from './json-slices.ts';
import { type Family, familyOf, NotAnIncident, readRawIncident } from './raw-incident.ts';

/** An incident as its file has it. */
export interface LoadedIncident {
  readonly family: Family;
  readonly id: string;
  /** The incident's JSON, character for character. */
  readonly text: string;
  readonly file: string;
  /** Milliseconds since 1970; for settings that must begin before the oldest. */
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface FileFault {
  readonly file: string;
  /** For people: what is wrong and where. */
  readonly reason: string;
}

export interface LoadResult {
  readonly loaded: readonly LoadedIncident[];
  /** What was not loaded; everything else was. */
  readonly faults: readonly FileFault[];
}

/**
 * Reads incidents from JSON files: one incident, an array, or a response page (`{"value": […]}`) each, in
 * Graph's or the Defender XDR API's shape. A folder stands for all `.json` files in it and below it.
 */
export async function loadIncidentFiles(paths: readonly string[]): Promise<LoadResult> {
  const loaded: LoadedIncident[] = [];
  const faults: FileFault[] = [];
  const seen = new Map<string, string>();
  for (const path of paths) {
    for (const file of await filesUnder(path, faults)) {
      for (const part of await readIncidents(file)) {
        if ('reason' in part) {
          faults.push(part);
          continue;
        }
        const name = `${part.family} ${part.id}`;
        const earlier = seen.get(name);
        if (earlier === undefined) loaded.push(part);
        else faults.push({ file, reason: `incident ${part.id} was loaded from ${earlier} already` });
        if (earlier === undefined) seen.set(name, file);
      }
    }
  }
  return { loaded, faults };
}

async function filesUnder(path: string, faults: FileFault[]): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path, { recursive: true });
    const files = names.filter((name) => name.endsWith('.json')).sort();
    if (files.length === 0) faults.push({ file: path, reason: 'no .json file in this folder' });
    return files.map((name) => join(path, name));
  } catch (cause) {
    faults.push({ file: path, reason: messageOf(cause) });
    return [];
  }
}

async function readIncidents(file: string): Promise<(LoadedIncident | FileFault)[]> {
  try {
    const text = decodeUtf8(await readFile(file));
    JSON.parse(text);
    const parts = incidentTexts(text).map((part, place, all) =>
      readOne(file, part, all.length > 1 ? place : null),
    );
    const faults = parts.filter((part) => 'reason' in part);
    const [first] = faults;
    // A file of something else altogether deserves one line, not one for each of its elements.
    if (first && faults.length > 1 && faults.length === parts.length) {
      return [{ file, reason: `none of ${parts.length} elements is an incident; ${first.reason}` }];
    }
    return parts.length > 0 ? parts : [{ file, reason: 'no incident in it' }];
  } catch (cause) {
    return [{ file, reason: messageOf(cause) }];
  }
}

function readOne(file: string, text: string, place: number | null): LoadedIncident | FileFault {
  try {
    const family = familyOf(text);
    const { id, created, updated } = readRawIncident(family, text);
    return { family, id, text, file, createdMs: keyMs(created), updatedMs: keyMs(updated) };
  } catch (cause) {
    if (!(cause instanceof NotAnIncident)) throw cause;
    return { file, reason: place === null ? cause.message : `element ${place}: ${cause.message}` };
  }
}

/** The incidents in a text that is one, an array of them, or a response page. */
function incidentTexts(text: string): string[] {
  const body = text.trim();
  if (body.startsWith('[')) return elementTexts(body, { start: 0, end: body.length });
  if (!body.startsWith('{')) throw new NotAnIncident('neither an object nor an array');
  const value = membersOf(body).findLast((member) => member.key === 'value')?.value;
  return value && body[value.start] === '[' ? elementTexts(body, value) : [body];
}

function elementTexts(text: string, array: Slice): string[] {
  const written = sliceText(text, array);
  return elementsOf(written).map((element) => sliceText(written, element));
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new NotAnIncident('not UTF-8 text', { cause });
  }
}

const keyMs = (key: string): number => Date.parse(`${key.slice(0, 23)}Z`);

function messageOf(cause: unknown): string {
  if (cause instanceof SyntaxError) return `not JSON: ${cause.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}
