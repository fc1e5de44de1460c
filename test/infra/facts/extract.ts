import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkMembers } from '../checks/members.ts';
import { checkResourceBodies } from '../checks/resource-bodies.ts';
import { infra } from '../project.ts';
import type { FactBody, FactResource, Facts } from './types.ts';

const PUBLISHED = resolve(import.meta.dirname, '../../../../shared/data/bicep-types.json');
export const EXTRACT = join(import.meta.dirname, 'resource-types.ndjson');

type Line =
  | { readonly sources: unknown[] }
  | { readonly resource: string; readonly is: FactResource }
  | { readonly type: string; readonly is: FactBody };

/** All published facts at hand, or undefined where they are not: only whoever writes templates has them. */
export async function publishedFacts(): Promise<Facts | undefined> {
  if (!existsSync(PUBLISHED)) return undefined;
  const published = JSON.parse(await readFile(PUBLISHED, 'utf8')) as Facts;
  const more = JSON.parse(await readFile(join(import.meta.dirname, 'more-types.json'), 'utf8')) as Facts;
  return {
    sources: [...published.sources, ...more.sources],
    resources: { ...published.resources, ...more.resources },
    types: { ...published.types, ...more.types },
  };
}

/** Only what the templates of infra/ use: each type that a resource of theirs reaches, whole. One fact a line. */
export async function extractText(facts: Facts): Promise<string> {
  const seen = new Set<string>();
  checkResourceBodies(await infra(), facts, seen);
  checkMembers(await infra(), facts, seen);
  const lines = (what: 'resource' | 'type', record: Readonly<Record<string, unknown>>): string[] =>
    Object.keys(record)
      .filter((key) => seen.has(key))
      .sort()
      .map((key) => JSON.stringify({ [what]: key, is: record[key] }));
  const all = [
    JSON.stringify({ sources: facts.sources }),
    ...lines('resource', facts.resources),
    ...lines('type', facts.types),
  ];
  return `${all.join('\n')}\n`;
}

/** The extract that the tests go by. */
export async function extractedFacts(): Promise<Facts> {
  const lines = (await readFile(EXTRACT, 'utf8')).trimEnd().split('\n');
  const facts = { sources: [] as unknown[], resources: {}, types: {} } as {
    sources: unknown[];
    resources: Record<string, FactResource>;
    types: Record<string, FactBody>;
  };
  for (const line of lines) {
    const fact = JSON.parse(line) as Line;
    if ('sources' in fact) facts.sources = fact.sources;
    else if ('resource' in fact) facts.resources[fact.resource] = fact.is;
    else facts.types[fact.type] = fact.is;
  }
  return facts;
}

if (import.meta.main) {
  const facts = await publishedFacts();
  if (!facts)
    throw new Error(`${PUBLISHED} is not here: the extract can only be made beside the published facts.`);
  await writeFile(EXTRACT, await extractText(facts));
}
