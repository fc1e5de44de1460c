import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SETTINGS, type Setting } from '../shared/settings.ts';
import { routesTable } from './routes-docs.ts';

const DOCS = join(resolve(import.meta.dirname, '..'), 'docs');
const SETTINGS_MARKS = /(<!-- settings:.*?-->\n)[\s\S]*?(<!-- \/settings -->)/;
const ROUTES_MARKS = /(<!-- routes:.*?-->\n)[\s\S]*?(<!-- \/routes -->)/;

/** A page of docs/ as it is, and as it must be. */
interface Page {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** The settings as a Markdown table. */
export function settingsTable(settings: readonly Setting[] = SETTINGS): string {
  const lines = settings.map(
    ({ name, what, default: fallback }) => `| \`${name}\` | ${what} | ${fallback ?? ''} |`,
  );
  return ['| setting | what | default |', '|---|---|---|', ...lines].join('\n');
}

/** docs/operations.md with the settings as they are in the code. */
export const operationsWithSettings = (): Promise<Page> =>
  pageWith('operations.md', SETTINGS_MARKS, settingsTable());

/** docs/api.md with the routes as they are in the code. */
export const apiWithRoutes = (): Promise<Page> => pageWith('api.md', ROUTES_MARKS, routesTable());

async function pageWith(name: string, marks: RegExp, table: string): Promise<Page> {
  const file = join(DOCS, name);
  const before = await readFile(file, 'utf8');
  if (!marks.test(before)) throw new Error(`docs/${name} has lost the marks ${marks}.`);
  return { file, before, after: before.replace(marks, (_all, begin, end) => `${begin}\n${table}\n\n${end}`) };
}

if (import.meta.main) {
  for (const { file, after } of [await operationsWithSettings(), await apiWithRoutes()])
    await writeFile(file, after);
}
