import { Readable } from 'node:stream';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  RestError,
} from '@azure/core-rest-pipeline';

/** What the wire answers to one request. */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | object | Readable | Buffer;
    }
  | { readonly fault: string }
  | { readonly hangs: true };

/** A request as it went over the wire. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface FakeWire extends HttpClient {
  readonly sent: readonly Sent[];
}

/** A wire that answers by a function of the request and its number, from 0. */
export function createFakeWire(
  reply: (request: PipelineRequest, index: number) => Reply | Promise<Reply>,
): FakeWire {
  const sent: Sent[] = [];
  return {
    sent,
    async sendRequest(request) {
      const index = sent.length;
      const { method, url, body } = request;
      sent.push({ method, url, headers: request.headers.toJSON(), body });
      const answer = await reply(request, index);
      if ('hangs' in answer) return new Promise(() => {});
      if ('fault' in answer) {
        throw new RestError(`failed at ${url}`, { code: answer.fault, request });
      }
      return {
        request,
        status: answer.status ?? 200,
        headers: createHttpHeaders(answer.headers ?? {}),
        readableStreamBody: streamOf(answer.body ?? ''),
      };
    },
  };
}

/** Answers by a list, the last one again and again. */
export function repliesInTurn(
  ...replies: readonly Reply[]
): (request: PipelineRequest, index: number) => Reply {
  return (_request, index) => {
    const reply = replies[Math.min(index, replies.length - 1)];
    if (!reply) throw new Error('no reply given');
    return reply;
  };
}

function streamOf(body: string | object | Readable | Buffer): Readable {
  if (body instanceof Readable) return body;
  if (Buffer.isBuffer(body)) return Readable.from([body], { objectMode: false });
  return Readable.from([Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))]);
}
