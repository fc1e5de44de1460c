import { connect, type Socket } from 'node:net';

/** What came back over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Or nothing that can be read as an answer, and why. */
export type Outcome =
  | WireAnswer
  | { readonly status: 'closed' | 'hang' | 'unreadable'; readonly why: string };

/** One connection that is kept alive, used by one request after the other. */
export interface Wire {
  /** @param last ends the connection afterwards: the server may take what is left of this request for another */
  send(bytes: Buffer, method: string, last?: boolean): Promise<Outcome>;
  close(): void;
}

/** An HTTP client that sends any bytes at all, which no library does, and reads plain answers. */
export function createWire({ port, boundMs }: { readonly port: number; readonly boundMs: number }): Wire {
  let socket: Socket | undefined;

  /** Used connections may have been closed by the server at the very moment: then once more on a new one. */
  async function send(bytes: Buffer, method: string, last = false): Promise<Outcome> {
    const used = socket !== undefined && !socket.destroyed;
    const first = await exchange(bytes, method);
    const again = used && first.status === 'closed' && first.why === '';
    const outcome = again ? await exchange(bytes, method) : first;
    if (last) socket?.destroy();
    return outcome;
  }

  function exchange(bytes: Buffer, method: string): Promise<Outcome> {
    if (socket === undefined || socket.destroyed) socket = connect(port, '127.0.0.1').setNoDelay(true);
    const current = socket;
    return new Promise((resolve) => {
      let received: Buffer = Buffer.alloc(0);
      const done = (outcome: Outcome, keep: boolean): void => {
        clearTimeout(timer);
        current.removeAllListeners().on('error', () => {});
        if (!keep) current.destroy();
        resolve(outcome);
      };
      const timer = setTimeout(
        () => done({ status: 'hang', why: `no answer within ${boundMs} ms` }, false),
        boundMs,
      );
      const onEnd = (): void => {
        const answer = readAnswer(received, method, true);
        if (answer === undefined) done({ status: 'closed', why: received.toString('latin1') }, false);
        else done(answer === 'unreadable' ? unreadable(received) : answer.answer, false);
      };
      current.on('data', (chunk: Buffer) => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        const answer = readAnswer(received, method, false);
        if (answer === undefined) return;
        if (answer === 'unreadable') return done(unreadable(received), false);
        const keep = answer.rest === 0 && !/close/i.test(answer.answer.headers.get('connection') ?? '');
        done(answer.answer, keep);
      });
      current.on('error', onEnd);
      current.on('close', onEnd);
      current.write(bytes);
    });
  }

  return { send, close: () => socket?.destroy() };
}

function unreadable(received: Buffer): Outcome {
  return { status: 'unreadable', why: received.subarray(0, 300).toString('latin1') };
}

/** The answer once it is whole; `ended` when nothing more can come. Interim answers (1xx) are passed over. */
function readAnswer(
  received: Buffer,
  method: string,
  ended: boolean,
): { readonly answer: WireAnswer; readonly rest: number } | 'unreadable' | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})( |$)/.exec(first)?.[1]);
  if (Number.isNaN(status)) return 'unreadable';
  const content = received.subarray(end + 4);
  if (status < 200) return readAnswer(content, method, ended);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!-9;-~]+):[\t ]*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return 'unreadable';
    headers.set(name.toLowerCase(), value);
  }
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  const body = hasBody ? readBody(content, headers, ended) : { bytes: Buffer.alloc(0), rest: content.length };
  if (body === undefined) return undefined;
  return { answer: { status, headers, body: body.bytes.toString('utf8') }, rest: body.rest };
}

/** A body by its framing: a length, chunks, or whatever comes until the end. */
function readBody(
  content: Buffer,
  headers: ReadonlyMap<string, string>,
  ended: boolean,
): { readonly bytes: Buffer; readonly rest: number } | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(content);
  const length = headers.get('content-length');
  if (length === undefined) return ended ? { bytes: content, rest: 0 } : undefined;
  const size = Number(length);
  return content.length < size
    ? undefined
    : { bytes: content.subarray(0, size), rest: content.length - size };
}

function readChunks(content: Buffer): { readonly bytes: Buffer; readonly rest: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = content.indexOf('\r\n', at);
    const size = Number.parseInt(content.subarray(at, end).toString('latin1'), 16);
    const next = end + 2 + size + 2;
    if (end < 0 || content.length < next) return undefined;
    if (size === 0) return { bytes: Buffer.concat(chunks), rest: content.length - next };
    chunks.push(content.subarray(end + 2, end + 2 + size));
    at = next;
  }
}
