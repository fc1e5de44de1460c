import { isUtf8 } from 'node:buffer';

/** Turns the chunks of a body into texts, each as soon as it is there. */
export interface Utf8Chunks {
  /**
   * The text of the chunk, with what an earlier one left over; a character that goes on in the next is kept back.
   *
   * @throws SyntaxError if the bytes are not UTF-8: they would come out changed
   */
  push(chunk: Buffer): string;
  /** @throws SyntaxError if the body ends within a character */
  end(): void;
}

const BYTE_ORDER_MARK = '\ufeff';
/** Bytes of the longest character. */
const LONGEST = 4;

/** Strict, as `TextDecoder` with `fatal`, whose streaming form is several times slower. Drops a byte order mark. */
export function createUtf8Chunks(): Utf8Chunks {
  let rest: Buffer = Buffer.alloc(0);
  let first = true;

  return {
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = bytes.length - unfinished(bytes);
      const whole = end === bytes.length ? bytes : bytes.subarray(0, end);
      if (!isUtf8(whole)) throw new SyntaxError('not UTF-8');
      rest = end === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end));
      const text = whole.toString('utf8');
      if (!first || text === '') return text;
      first = false;
      return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    },
    end() {
      if (rest.length > 0) throw new SyntaxError('the text ends within a character');
    },
  };
}

/** How many bytes at the end begin a character that is not whole. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back < LONGEST && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
  }
  return 0;
}

function lengthOf(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
