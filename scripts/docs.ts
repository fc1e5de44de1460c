import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SETTINGS, type Setting } from '../shared/settings.ts';

const FILE = join(resolve(import.meta.dirname, '..'), 'docs/operations.md');
const MARKS = /(<!-- settings:.*?-->\n)[\s\S]*?(<!-- \/settings -->)/;

/** The settings as a Markdown table. */
export function settingsTable(settings: readonly Setting[] = SETTINGS): string {
  const lines = settings.map(
    ({ name, what, default: fallback }) => `| \`${name}\` | ${what} | ${fallback ?? ''} |`,
  );
  return ['| setting | what | default |', '|---|---|---|', ...lines].join('\n');
}

/** docs/operations.md with the settings as they are in the code. */
export async function operationsWithSettings(): Promise<{ readonly before: string; readonly after: string }> {
  const before = await readFile(FILE, 'utf8');
  return { before, after: before.replace(MARKS, `$1\n${settingsTable()}\n\n$2`) };
}

if (import.meta.main) await writeFile(FILE, (await operationsWithSettings()).after);
