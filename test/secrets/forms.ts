import { constants, inflateRawSync } from 'node:zlib';
import { SHOWN } from './pieces.ts';

/** What a text holds in another form, decoded. */
export interface Form {
  readonly name: 'gzip' | 'base64' | 'hexadecimal' | 'percent-encoded';
  readonly bytes: Uint8Array;
}

const BASE64_LETTERS = bytesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_');
const HEX_LETTERS = bytesOf('0123456789abcdefABCDEF');
/** What SHOWN bytes become at least. */
const BASE64_RUN = Math.ceil((SHOWN * 4) / 3);
const HEX_RUN = new RegExp(`[0-9a-f]{${SHOWN * 2},}`, 'gi');
const PERCENT = 0x25;
/** So much before and after a percent sign is taken along, enough for a secret in base64 with some in it. */
const AROUND = 64;
const BREAK = Buffer.of(0);
/** The head of gzip as zlib writes it: no name, no time; the last two bytes are the level and the system. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]);
const GZIP_HEAD_BYTES = 10;
/** More than anything in a test run unpacks to. */
const MOST_UNPACKED = 512 * 1024 * 1024;

/**
 * What a text may hold in other forms: each run of base64 letters, of either alphabet, decoded from its first four
 * places, since nobody says where the encoded text begins; hexadecimal digits likewise; the text with its percent
 * signs undone; whatever gzip it holds, unpacked.
 */
export function* formsIn(text: Uint8Array): Generator<Form> {
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.length);
  for (const bytes of unpacked(buffer)) yield { name: 'gzip', bytes };
  const plain = withoutPercents(buffer);
  if (plain) yield { name: 'percent-encoded', bytes: plain };
  const runs = base64Runs(buffer);
  if (runs.length > 0) yield { name: 'base64', bytes: decoded(runs, 4, 'base64') };
  // Hexadecimal digits are letters of base64 as well.
  const digits = runs.flatMap((run) => run.match(HEX_RUN) ?? []);
  if (digits.length > 0) yield { name: 'hexadecimal', bytes: decoded(digits, 2, 'hex') };
}

function* unpacked(text: Buffer): Generator<Buffer> {
  for (let at = text.indexOf(GZIP); at >= 0; at = text.indexOf(GZIP, at + 1)) {
    const bytes = unpack(text.subarray(at + GZIP_HEAD_BYTES));
    if (bytes && bytes.length > 0) yield bytes;
  }
}

/** Undefined when it only looked like gzip. One that is cut off gives what there is of it; what follows is left. */
function unpack(packed: Buffer): Buffer | undefined {
  try {
    const options = { maxOutputLength: MOST_UNPACKED, finishFlush: constants.Z_SYNC_FLUSH };
    return inflateRawSync(packed, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_') === true) return undefined;
    throw error;
  }
}

/** What lies around percent signs, with these undone; undefined when there are none. */
function withoutPercents(text: Buffer): Buffer | undefined {
  const plain: Uint8Array[] = [];
  let done: number | undefined;
  for (let at = text.indexOf(PERCENT); at >= 0; at = text.indexOf(PERCENT, at + 1)) {
    if (!isHex(text[at + 1]) || !isHex(text[at + 2])) continue;
    const isNear = done !== undefined && at - done <= 2 * AROUND;
    if (done !== undefined && !isNear) plain.push(text.subarray(done, done + AROUND), BREAK);
    plain.push(text.subarray(isNear ? done : Math.max(0, at - AROUND), at));
    plain.push(Buffer.from(text.toString('latin1', at + 1, at + 3), 'hex'));
    done = at + 3;
  }
  return done === undefined ? undefined : Buffer.concat([...plain, text.subarray(done, done + AROUND)]);
}

function isHex(byte: number | undefined): boolean {
  return byte !== undefined && HEX_LETTERS[byte] === 1;
}

function base64Runs(text: Buffer): string[] {
  const runs: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && BASE64_LETTERS[text[at] as number] === 1) continue;
    if (at - start >= BASE64_RUN) runs.push(text.toString('latin1', start, at));
    start = at + 1;
  }
  return runs;
}

/** All runs, each decoded from as many of its first letters as given, with a zero byte after each. */
function decoded(runs: readonly string[], starts: number, encoding: 'base64' | 'hex'): Buffer {
  const letters = runs.reduce((sum, { length }) => sum + length, 0);
  const bytes = Buffer.alloc(letters * starts);
  let length = 0;
  for (const run of runs) {
    for (let skip = 0; skip < starts; skip++) length += bytes.write(run.slice(skip), length, encoding) + 1;
  }
  return bytes.subarray(0, length);
}

function bytesOf(text: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(text)) table[byte] = 1;
  return table;
}
