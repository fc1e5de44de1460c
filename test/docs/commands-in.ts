/** A command as it stands in a page. */
export interface Told {
  readonly page: string;
  readonly words: readonly string[];
}

const PROGRAMS = [
  'npm',
  'npx',
  'node',
  'outrider',
  'az',
  'azd',
  'func',
  'infra/deploy.sh',
  'infra/deploy.ps1',
];
const BLOCK = /^```(?:sh|powershell)\n(.*?)^```$/gms;
/** In a sentence, which may break within it; not over an empty line. */
const INLINE = /`((?:[^`\n]|\n(?!\n))+)`/g;
/** `CI=1 npm test` is `npm test`. */
const SETTINGS = /^(?:[A-Z_]+=\S* )+/;

/** Commands in the blocks of a page, and those in its sentences. */
export function commandsIn(page: string, text: string): readonly Told[] {
  const blocks = [...text.matchAll(BLOCK)].flatMap(([, block = '']) => block.split('\n'));
  const inline = [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(INLINE)]
    .map(([, code = '']) => code.replaceAll('\n', ' ').replace(SETTINGS, ''))
    .filter((code) => PROGRAMS.includes(code.split(' ')[0] ?? '') && code.includes(' '));
  return [...blocks, ...inline]
    .flatMap(partsOf)
    .map((line) => ({ page, words: wordsOf(line) }))
    .filter(({ words }) => words.length > 0);
}

/** In place of what another command prints: an id, as it is one wherever that is done. */
const PRINTED = '00000000-0000-4000-8000-000000000000';

/** `a && b | c > d` are three commands; what `$(…)` has is one more. */
function partsOf(line: string): readonly string[] {
  const plain = line
    .replace(/(^|\s)# .*$/, '')
    .replace(/^\$ /, '')
    .replace(SETTINGS, '');
  const inner = [...plain.matchAll(/\$\(([^)]*)\)/g)].map(([, code = '']) => code);
  const outer = plain.replaceAll(/\$\([^)]*\)/g, PRINTED).split(/\s(?:&&|\|\||\|)\s|;\s/);
  return [...outer, ...inner].map((part) => part.replace(/\s>+\s\S+/, '').trim());
}

function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|<[^>]*>|\S+/g)].map(
    ([word, double, single]) => double ?? single ?? word,
  );
}
