import type { IncomingMessage } from 'node:http';

/** What became of reading a request's body. */
export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'gone' };

/** Reads a body up to a limit in bytes; `gone` when the client left first. */
export async function readBody(message: IncomingMessage, limit: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) return { kind: 'tooLarge' };
      chunks.push(chunk);
    }
  } catch {
    return { kind: 'gone' };
  }
  return { kind: 'whole', bytes: Buffer.concat(chunks) };
}
