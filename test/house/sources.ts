import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A source file: its path in the repository and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The TypeScript files below these folders, by path. A folder that is not there yet has none. */
export async function sourcesIn(...folders: readonly string[]): Promise<readonly Source[]> {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: ROOT },
  ).sort();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

/** Source lines as `wc -l` counts them. */
export function linesOf({ text }: Source): number {
  return text.split('\n').length - 1;
}

/** Ways to the process's settings: `process.env`, by brackets, by destructuring, or through an import of `env`. */
export function readsEnvironment({ text }: Source): boolean {
  return (
    /\bprocess\s*(\?\.|\.)\s*env\b/.test(text) ||
    /\bprocess\s*(\?\.)?\[/.test(text) ||
    /\}\s*=\s*(globalThis\s*\.\s*)?process\b/.test(text) ||
    /from\s+['"](node:)?process['"]/.test(text)
  );
}

/** Registrations `app.http('name', …)` and their like, as `trigger name`. */
export function registrationsIn({ text }: Source): readonly string[] {
  return [...text.matchAll(/^app\.(\w+)\(\s*'([^']+)'/gm)].map(([, trigger, name]) => `${trigger} ${name}`);
}
