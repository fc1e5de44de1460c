import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import type { BicepFile } from './bicep/ast.ts';
import { parseBicep } from './bicep/file.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Templates that refer to one another, by path below infra/. */
export type Project = ReadonlyMap<string, BicepFile>;

let loading: Promise<Project> | undefined;

/** The templates of infra/. */
export function infra(): Promise<Project> {
  loading ??= load(join(ROOT, 'infra'));
  return loading;
}

async function load(folder: string): Promise<Project> {
  const found = await readdir(folder, { recursive: true });
  const paths = found.filter((path) => /\.bicep(param)?$/.test(path)).sort();
  return projectOf(
    Object.fromEntries(
      await Promise.all(
        paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const),
      ),
    ),
  );
}

/** Templates by path and text: what a check's failing sample is made of. */
export async function projectOf(texts: Readonly<Record<string, string>>): Promise<Project> {
  const project = new Map<string, BicepFile>();
  for (const [path, text] of Object.entries(texts)) project.set(path, await parseBicep(path, text));
  return project;
}

/** The file that `path` means in `from`. */
export function fileAt(project: Project, from: BicepFile, path: string): BicepFile | undefined {
  return project.get(posix.normalize(posix.join(dirname(from.path), path)));
}

/** A finding: file, line, what is wrong. */
export function finding(file: BicepFile, at: number, text: string): string {
  return `${file.path}:${file.text.slice(0, at).split('\n').length} ${text}`;
}

export function templatesOf(project: Project): BicepFile[] {
  return [...project.values()].filter(({ path }) => path.endsWith('.bicep'));
}
