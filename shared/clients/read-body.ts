import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type { Body } from './attempt.ts';

/**
 * Reads a response's body as UTF-8 text, at most `maxBytes` of it after decompression. What is larger is refused
 * as soon as that shows, or, with `cut`, its beginning is taken. Faults of the connection reject.
 */
export async function readBody(
  response: PipelineResponse,
  maxBytes: number,
  { cut }: { readonly cut: boolean },
): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(response)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= maxBytes) continue;
    if (!cut) return { kind: 'tooLarge' };
    break;
  }
  return decoded(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), !cut);
}

/** Leaving the loop early destroys the stream, and with it the connection. */
export async function* chunksOf({
  readableStreamBody,
  bodyAsText,
}: PipelineResponse): AsyncGenerator<Buffer, void> {
  if (!readableStreamBody) {
    yield Buffer.from(bodyAsText ?? '');
    return;
  }
  for await (const chunk of readableStreamBody) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** Bytes that are not UTF-8 would come out changed, so they are refused. A byte order mark is dropped. */
function decoded(buffer: Buffer, strict: boolean): Body {
  try {
    const text = new TextDecoder('utf-8', { fatal: strict }).decode(buffer);
    return { kind: 'text', text, bytes: buffer.length };
  } catch {
    return { kind: 'notText' };
  }
}
