/**
 * Bytes of rows that gather until there are enough to compress. Two buffers take turns, so that a result of any size
 * costs no more memory than they have, and no garbage.
 */
export interface RowBuffer {
  write(text: string): void;
  size(): number;
  /** What was written, for as long as nothing more is taken; writing goes on in the other buffer. */
  take(): Buffer;
  copy(): Buffer;
  restore(bytes: Buffer): void;
}

/** Most results are small: a buffer grows as it is needed. */
const FIRST_BYTES = 16 * 1024;

export function createRowBuffer(): RowBuffer {
  let filling = Buffer.alloc(0);
  let spare = Buffer.alloc(0);
  let size = 0;

  function makeRoom(bytes: number): void {
    if (size + bytes <= filling.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * filling.length, size + bytes));
    filling.copy(larger, 0, 0, size);
    filling = larger;
  }

  return {
    write(text) {
      makeRoom(Buffer.byteLength(text));
      size += filling.write(text, size);
    },
    size: () => size,
    take() {
      const taken = filling.subarray(0, size);
      [filling, spare] = [spare, filling];
      size = 0;
      return taken;
    },
    copy: () => Buffer.from(filling.subarray(0, size)),
    restore(bytes) {
      size = 0;
      makeRoom(bytes.length);
      size = bytes.copy(filling);
    },
  };
}
