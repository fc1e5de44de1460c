import type { IncomingMessage } from 'node:http';
import type { LabRequest } from '../service.ts';

/** The request's body is over the limit; nothing of it was kept. */
export class BodyTooLargeError extends Error {
  constructor(limit: number) {
    super(`The request's body is longer than ${limit} bytes.`);
    this.name = 'BodyTooLargeError';
  }
}

/** Reads a request whole. @throws BodyTooLargeError; the socket's error when the client goes away. */
export async function readRequest(incoming: IncomingMessage, maxBodyBytes: number): Promise<LabRequest> {
  const rawTarget = incoming.url ?? '/';
  const host = incoming.headers.host ?? '';
  return {
    method: incoming.method ?? 'GET',
    // Not `new URL(target, base)`: a target that starts with two slashes would then name another host.
    url: new URL(`https://${host}${rawTarget}`),
    rawTarget,
    headers: plainHeaders(incoming),
    body: await readBody(incoming, maxBodyBytes),
  };
}

/** Reads a body whole. @throws BodyTooLargeError; the socket’s error when the client goes away */
export async function readBody(incoming: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    // Read on to the end: a client that is still sending would not see the answer.
    if (length <= maxBodyBytes) chunks.push(chunk);
  }
  if (length > maxBodyBytes) throw new BodyTooLargeError(maxBodyBytes);
  return Buffer.concat(chunks, length);
}

function plainHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
