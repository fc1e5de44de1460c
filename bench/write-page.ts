import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Machine } from './machine.ts';
import type { Result } from './measure.ts';

const DOCS = resolve(import.meta.dirname, '../docs');
const PAGE = 'performance.md';
/** The page's content for programs, and its memory: a run of some benches leaves the rows of the others alone. */
const KEPT = 'performance.json';

/** What one bench found when it last ran. */
export interface Measured {
  readonly machine: Machine;
  readonly results: readonly Result[];
}

/**
 * Puts a bench's results into docs/performance.json and writes docs/performance.md anew, benches in this order; what
 * is not in it any more is left out.
 */
export async function writePage(
  name: string,
  measured: Measured,
  order: readonly string[],
  folder: string = DOCS,
): Promise<void> {
  const kept = { ...(await readKept(folder)), [name]: measured };
  const present = order.flatMap((known) => (kept[known] ? [[known, kept[known]] as const] : []));
  await writeFile(join(folder, KEPT), `${JSON.stringify(Object.fromEntries(present), undefined, 2)}\n`);
  await writeFile(join(folder, PAGE), pageOf(present));
}

async function readKept(folder: string): Promise<Readonly<Record<string, Measured>>> {
  try {
    return JSON.parse(await readFile(join(folder, KEPT), 'utf8')) as Record<string, Measured>;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

function pageOf(benches: readonly (readonly [name: string, measured: Measured])[]): string {
  const results = benches.flatMap(([name, { results }]) => results.map((result) => ({ name, ...result })));
  return `# Performance

Written by \`npm run bench\`; \`npm run bench -- <name>\` measures one bench again and leaves the other rows as they
were, \`--json\` prints for programs. A ratio is ours divided by what it is measured against, in the same run.

${table(
  ['what', 'measured', 'against', 'ratio', 'goal', ''],
  results.map(({ what, value, against, ratio, goal, met }) => [
    what,
    value,
    against,
    ratio === undefined ? '' : `${ratio.toFixed(2)} ×`,
    goal,
    met ? 'met' : '**missed**',
  ]),
)}
${reasonsOf(results)}
## Behind the figures

${results.map(({ name, what, detail }) => `- **${what}** (\`${name}\`): ${detail.replaceAll('\n', '\n  - ')}`).join('\n')}

## What it ran on

${table(
  ['bench', 'date', 'commit', 'CPU', 'cores', 'memory', 'Node'],
  benches.map(([name, { machine }]) => [
    `\`${name}\``,
    machine.date,
    machine.commit,
    machine.cpu,
    String(machine.cores),
    machine.memory,
    machine.node,
  ]),
)}

A \`+\` after a commit: files of the checkout differed from it.
`;
}

function reasonsOf(results: readonly Result[]): string {
  const missed = results.filter(({ met }) => !met);
  if (missed.length === 0) return '';
  const lines = missed.map(({ what, reason }) => `- **${what}**: ${reason ?? 'not yet found'}`);
  return `\n## Why goals are missed\n\n${lines.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
