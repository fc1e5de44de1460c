import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Project, projectOf, ROOT } from './project.ts';

/** A template of infra/ with one text in it changed, among the others as they are: what a check must find. */
export async function spoilt(project: Project, path: string, from: string, to: string): Promise<Project> {
  const text = await readFile(join(ROOT, 'infra', path), 'utf8');
  if (!text.includes(from)) throw new Error(`infra/${path} has no "${from}" that could be spoilt.`);
  const changed = await projectOf({ [path]: text.replaceAll(from, () => to) });
  return new Map([...project, ...changed]);
}
