import { closestTo } from '../../text.ts';

/** Shorter words are as near to one name as to another. */
const SHORTEST = 3;

/** The name that was probably meant: the same in other letter case, or else the nearest, of two the more alike in length. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const sameLetters = names.find((name) => name.toLowerCase() === lower && name !== word);
  if (sameLetters !== undefined || word.length < SHORTEST) return sameLetters;
  const distance = (name: string): number => Math.abs(name.length - word.length);
  return closestTo(
    word,
    names.toSorted((a, b) => distance(a) - distance(b)),
  );
}
