import { Agent, type IncomingMessage, request } from 'node:http';
import { LabError } from '../lab-error.ts';

/** Where a running lab takes commands, and the key that it wants to see. */
export interface ControlAddress {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly key: string;
}

/** The lab is there and took too long to answer. */
export class ControlTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`The lab did not answer within ${timeoutMs / 1000} s.`);
    this.name = 'ControlTimeoutError';
  }
}

const TIMEOUT_MS = 30_000;

/** @throws LabError `lab.refused`; ControlTimeoutError; the socket's error when nobody listens */
export async function callControl(
  { url, key }: ControlAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { status, text } = await send(new URL(path, url), method, key, body);
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  if (status < 400) return answer;
  throw new LabError('lab.refused', messageOf(answer) ?? `The lab refused the command (${status}).`);
}

function send(
  url: URL,
  method: string,
  key: string,
  body: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        // An agent of its own: the global one may go by the proxy settings of this process's environment.
        agent: new Agent(),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      },
      (response) => {
        readText(response).then((text) => resolve({ status: response.statusCode ?? 500, text }), reject);
      },
    );
    outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy(new ControlTimeoutError(TIMEOUT_MS)));
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function messageOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  return typeof answer.error === 'string' ? answer.error : undefined;
}
