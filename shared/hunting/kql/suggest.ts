import { closestTo } from '../../text.ts';

/** The name that was probably meant: the same in other letter case, or else the nearest. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const sameLetters = names.find((name) => name.toLowerCase() === lower && name !== word);
  return sameLetters ?? closestTo(word, names);
}
