import { printable } from './display-text.ts';
import type { Screen } from './screen.ts';

/** Label and value, one line each, the values below one another. Control characters become blanks. */
export function factLines(
  facts: Iterable<readonly [label: string, value: string]>,
  screen: Pick<Screen, 'paint'>,
): readonly string[] {
  const all = [...facts];
  const width = Math.max(0, ...all.map(([label]) => label.length));
  return all.map(([label, value]) => `${screen.paint('dim', label.padEnd(width))}  ${printable(value)}`);
}
