import type { ServerResponse } from 'node:http';
import type { LabAnswer } from '../service.ts';

export interface AnswerStamp {
  /** The lab's time. */
  readonly date: Date;
  readonly requestId: string;
}

/** Sends an answer, or as much of it as its `cut` allows. */
export function sendAnswer(response: ServerResponse, answer: LabAnswer, stamp: AnswerStamp): void {
  if (answer.cut === 'before') {
    response.destroy();
    return;
  }
  const body = bodyBytes(answer.body);
  response.writeHead(answer.status, headersOf(response, answer, body, stamp));
  if (answer.cut === 'body') cutBody(response, body);
  else response.end(hasBody(response, answer.status) ? body : undefined);
}

function cutBody(response: ServerResponse, body: Buffer): void {
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (half.length === 0) {
    response.flushHeaders();
    setImmediate(() => response.destroy());
    return;
  }
  response.write(half, () => response.destroy());
}

function headersOf(
  response: ServerResponse,
  answer: LabAnswer,
  body: Buffer,
  stamp: AnswerStamp,
): Record<string, string | number> {
  const headers: Record<string, string | number> = { 'request-id': stamp.requestId };
  for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = value;
  if (isJson(answer.body)) headers['content-type'] ??= 'application/json; charset=utf-8';
  headers.date = stamp.date.toUTCString();
  // The answer to HEAD tells the length of the body that GET would bring.
  const isHead = response.req.method === 'HEAD';
  if (hasBody(response, answer.status) || (isHead && body.length > 0))
    headers['content-length'] = body.length;
  return headers;
}

function hasBody(response: ServerResponse, status: number): boolean {
  return response.req.method !== 'HEAD' && status !== 204 && status !== 304;
}

function isJson(body: LabAnswer['body']): boolean {
  return typeof body === 'object' && !Buffer.isBuffer(body);
}

function bodyBytes(body: LabAnswer['body']): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8');
}
