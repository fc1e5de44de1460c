const GOLDEN = 0x9e3779b9;

/**
 * The n-th of a seed's draws: 32 bits, always the same. Unlike a generator it keeps no state, so that one cell of
 * a hundred thousand rows can be drawn without the others.
 */
export function draw(seed: number, n: number): number {
  let bits = (seed ^ Math.imul(n + 1, GOLDEN)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The same in [0, 1). */
export const share = (seed: number, n: number): number => draw(seed, n) / 4294967296;

/** A seed from words. */
export function seedOf(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of words.join(' ')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return draw(hash, words.length);
}

/** So many lower-case hexadecimal digits, at most 64. */
export function hex(seed: number, digits: number): string {
  let text = '';
  for (let n = 0; text.length < digits; n += 1) text += draw(seed, n).toString(16).padStart(8, '0');
  return text.slice(0, digits);
}

export function uuid(seed: number): string {
  const digits = hex(seed, 32);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
}
