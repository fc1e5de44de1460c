import { SHOWN } from './pieces.ts';

/** Where a secret shows in a text. */
export interface Hit {
  /** Its place in the list that the index was made of. */
  readonly secret: number;
  /** Place of the first byte in the text, and how many there are. */
  readonly at: number;
  readonly length: number;
}

export interface SecretIndex {
  /**
   * Every secret of which {@link SHOWN} characters in a row (or all, when it is shorter) show, once each. Where
   * stretches of several lie over one another, as with tokens that say nearly the same, the longest is the one.
   */
  find(text: Uint8Array): readonly Hit[];
}

/** Bytes that are looked up. Every piece has at least as many. */
const GRAM = 8;
/** Of any SHOWN bytes of a secret in a row, one gram begins at a multiple of this and lies within. */
const STEP = SHOWN - GRAM + 1;
/** Bits of the filter for each gram: so few other places pass it that looking closer costs nothing. */
const BITS_PER_GRAM = 32;

/**
 * Finds any SHOWN bytes of many secrets in one pass over a text, at the cost of a few operations for each byte however
 * many secrets there are: of the secrets every 13th run of 8 bytes is kept, and each 8 bytes of the text are looked up.
 *
 * @param secrets the stretches of each secret that count, as `piecesOf` gives them
 */
export function createSecretIndex(secrets: readonly (readonly Uint8Array[])[]): SecretIndex {
  const { pool, pieces } = poolOf(secrets);
  const grams = gramsOf(pieces);
  const bits = Math.max(10, Math.ceil(Math.log2(Math.max(1, grams.length) * BITS_PER_GRAM)));
  const shift = 32 - bits;
  const filter = new Uint8Array(2 ** bits / 8);
  const chains = new Map<number, Gram[]>();
  for (const gram of grams) {
    const hash = hashOf(pool, gram.at) >>> shift;
    filter[hash >>> 3] = (filter[hash >>> 3] ?? 0) | (1 << (hash & 7));
    const chain = chains.get(hash);
    if (chain) chain.push(gram);
    else chains.set(hash, [gram]);
  }

  /** The longest match around a gram that is at `at` of the text; undefined when it is too short. */
  function match(text: Uint8Array, at: number, { piece, at: place }: Gram): Hit | undefined {
    let before = 0;
    while (place - before > piece.start && at > before && text[at - before - 1] === pool[place - before - 1])
      before++;
    let after = 0;
    while (place + after < piece.end && at + after < text.length && text[at + after] === pool[place + after])
      after++;
    const length = before + after;
    if (after < GRAM || length < Math.min(SHOWN, piece.end - piece.start)) return undefined;
    return { secret: piece.secret, at: at - before, length };
  }

  return {
    find(text) {
      const found = new Map<Piece, Hit>();
      let low = 0;
      let high = 0;
      for (let end = 0; end < text.length; end++) {
        low = (low >>> 8) | (high << 24);
        high = (high >>> 8) | ((text[end] as number) << 24);
        const hash = (Math.imul(Math.imul(low, PRIME_1) ^ high, PRIME_2) >>> shift) >>> 0;
        if (((filter[hash >>> 3] as number) & (1 << (hash & 7))) === 0 || end < GRAM - 1) continue;
        for (const gram of chains.get(hash) ?? []) {
          if (found.has(gram.piece)) continue;
          const hit = match(text, end - GRAM + 1, gram);
          if (hit) found.set(gram.piece, hit);
        }
      }
      return clearest(found);
    },
  };
}

/** One hit for each secret, without those that only share what another secret's hit shows. */
function clearest(found: ReadonlyMap<Piece, Hit>): readonly Hit[] {
  const kept: [Piece, Hit][] = [];
  const byLength = [...found].sort(([, left], [, right]) => right.length - left.length);
  for (const [piece, hit] of byLength) {
    if (!kept.some(([, other]) => hit.at < other.at + other.length && other.at < hit.at + hit.length)) {
      kept.push([piece, hit]);
    }
  }
  const own = kept.filter(([{ isShared }]) => !isShared);
  const told = (own.length > 0 ? own : kept).map(([, hit]) => hit);
  return [...new Map(told.toReversed().map((hit) => [hit.secret, hit])).values()];
}

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca6b;

interface Piece {
  readonly secret: number;
  /** Place in the pool. */
  readonly start: number;
  readonly end: number;
  /** Whether other secrets have the very same piece. */
  isShared: boolean;
}

interface Gram {
  readonly piece: Piece;
  readonly at: number;
}

/** All pieces in one row of bytes; those that several secrets share are there once. */
function poolOf(secrets: readonly (readonly Uint8Array[])[]): {
  readonly pool: Uint8Array;
  readonly pieces: readonly Piece[];
} {
  const known = new Map<string, Piece>();
  const parts: Uint8Array[] = [];
  const pieces: Piece[] = [];
  let start = 0;
  for (const [secret, own] of secrets.entries()) {
    for (const part of own) {
      if (part.length < GRAM) throw new RangeError(`a piece of ${part.length} bytes cannot be looked up`);
      const key = Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1');
      const same = known.get(key);
      if (same) same.isShared = true;
      if (same) continue;
      const piece: Piece = { secret, start, end: start + part.length, isShared: false };
      known.set(key, piece);
      parts.push(part);
      pieces.push(piece);
      start += part.length;
    }
  }
  return { pool: Buffer.concat(parts), pieces };
}

function gramsOf(pieces: readonly Piece[]): Gram[] {
  const grams: Gram[] = [];
  for (const piece of pieces) {
    for (let at = piece.start; at + GRAM <= piece.end; at += STEP) grams.push({ piece, at });
  }
  return grams;
}

function hashOf(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, GRAM);
  return Math.imul(Math.imul(view.getUint32(0, true), PRIME_1) ^ view.getUint32(4, true), PRIME_2);
}
