import { PROBLEM, type ProblemCode } from './problem.ts';

/** Largest file that is read, in bytes. */
export const MOST_FILE_BYTES = 2 * 1024 * 1024;

/** A file's text without its byte order mark, or why it has none. */
export type DecodedText =
  | {
      readonly text: string;
      /** It is read, but in an encoding that other tools may not read. */
      readonly remark?: string;
    }
  | {
      readonly fault: {
        readonly code: ProblemCode;
        readonly message: string;
        /** UTF-16 offset in `before` at which the fault is. */
        readonly before: string;
      };
    };

/**
 * Reads bytes as text: UTF-8, or UTF-16 when a byte order mark says so (as Windows tools write it). Anything else is
 * refused rather than guessed: a query with wrong characters would run, and find nothing.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.byteLength > MOST_FILE_BYTES) {
    const size = (bytes.byteLength / 1024 / 1024).toFixed(1);
    const most = MOST_FILE_BYTES / 1024 / 1024;
    return fault(PROBLEM.tooLarge, `The file has ${size} MiB; at most ${most} MiB are read. Split it.`, '');
  }
  const encoding = encodingOf(bytes);
  const text = decodeAs(encoding, bytes);
  if (text === undefined) {
    const before = new TextDecoder(encoding).decode(bytes).split('\ufffd', 1)[0] ?? '';
    return fault(PROBLEM.encoding, `The file is not ${encoding.toUpperCase()}. Save it as UTF-8.`, before);
  }
  const nullAt = text.indexOf('\0');
  if (nullAt === -1) {
    if (encoding === 'utf-8') return { text };
    return { text, remark: 'The file is UTF-16. It is read, but many tools do not: save it as UTF-8.' };
  }
  const hint = looksLikeUtf16(bytes)
    ? 'It looks like UTF-16 without a byte order mark: save it as UTF-8.'
    : 'Remove it.';
  return fault(
    PROBLEM.nullCharacter,
    `There is a null character, which no query can have. ${hint}`,
    text.slice(0, nullAt),
  );
}

function fault(code: ProblemCode, message: string, before: string): DecodedText {
  return { fault: { code, message, before } };
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

function decodeAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Every second byte of the first few is null: ASCII text in UTF-16. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 64);
  const nulls = start.filter((byte) => byte === 0).length;
  return nulls > 0 && nulls >= Math.floor(start.byteLength / 2) - 1;
}
