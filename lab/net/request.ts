import type { IncomingMessage } from 'node:http';
import type { LabRequest } from '../service.ts';

/** A request that no stand-in gets to see, and the status that says why. */
export class UnreadableRequestError extends Error {
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.name = 'UnreadableRequestError';
    this.status = status;
  }
}

/** Reads a request whole. @throws UnreadableRequestError; the socket's error when the client goes away. */
export async function readRequest(incoming: IncomingMessage, maxBodyBytes: number): Promise<LabRequest> {
  const rawTarget = incoming.url ?? '/';
  const body = await readBody(incoming, maxBodyBytes);
  // Not `new URL(target, base)`: a target that starts with two slashes would then name another host.
  const url = rawTarget.startsWith('/') ? URL.parse(`https://${incoming.headers.host}${rawTarget}`) : null;
  if (url === null) throw new UnreadableRequestError(400, 'The request does not name a host and a path.');
  return {
    method: incoming.method ?? 'GET',
    url,
    rawTarget,
    headers: plainHeaders(incoming),
    body,
  };
}

/** Reads a body whole. @throws UnreadableRequestError; the socket’s error when the client goes away */
export async function readBody(incoming: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    // Read on to the end: a client that is still sending would not see the answer.
    if (length <= maxBodyBytes) chunks.push(chunk);
  }
  if (length > maxBodyBytes) {
    throw new UnreadableRequestError(413, `The request's body is longer than ${maxBodyBytes} bytes.`);
  }
  return Buffer.concat(chunks, length);
}

function plainHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
