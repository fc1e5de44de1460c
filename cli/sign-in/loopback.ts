import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXIT, fail } from '../output/failure.ts';
import { PAGES, type Page } from './pages.ts';
import { codeOf } from './private-file.ts';

/** What the browser brought back from sign-in. */
export type Redirect =
  | { readonly code: string }
  | {
      readonly error: string /** The number behind `AADSTS`, where one is named. */;
      readonly number?: number;
    };

/** A server on this machine alone that the browser is sent back to. */
export interface Loopback {
  readonly redirectUri: string;
  /** Resolves with the first redirect that has our state; everything else is answered and not believed. */
  readonly redirect: Promise<Redirect>;
  close(): Promise<void>;
}

const ADDRESSES = ['127.0.0.1', '::1'];
const TRIES = 5;

/**
 * Listens for the redirect, on IPv4 and, where the machine has it, IPv6: `localhost` may be either.
 * https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 *
 * @param options.port 0: the system's choice
 * @throws CommandFailure when the port is taken
 */
export async function openLoopback(options: {
  readonly state: string;
  readonly port: number;
}): Promise<Loopback> {
  const { promise: redirect, resolve } = Promise.withResolvers<Redirect>();
  const servers = ADDRESSES.map(() =>
    createServer((request, response) => answer(request, response, options.state, resolve)),
  );
  const port = await listen(servers, options.port);
  return {
    redirectUri: `http://localhost:${port}`,
    redirect,
    async close() {
      await Promise.all(servers.map(closeServer));
    },
  };
}

async function listen([first, second]: readonly Server[], wanted: number): Promise<number> {
  if (first === undefined || second === undefined) throw new RangeError('two servers are needed');
  for (let left = TRIES; ; left -= 1) {
    const port = await bind(first, wanted, 0);
    const code = await bind(second, port, 1).then(
      () => undefined,
      (error: unknown) => codeOf(error),
    );
    // Without IPv6 there is nothing to listen at.
    if (code !== 'EADDRINUSE' && code !== 'EACCES') return port;
    await closeServer(first);
    if (wanted !== 0 || left === 0) return portInUse(port);
  }
}

async function bind(server: Server, port: number, address: 0 | 1): Promise<number> {
  server.listen({ port, host: ADDRESSES[address], ipv6Only: address === 1 });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (address === 1) throw error;
    const code = codeOf(error);
    if (code === 'EADDRINUSE') return portInUse(port);
    return fail(
      EXIT.usage,
      `Port ${port} cannot be listened at (${code}). Choose another with --port, or leave --port out.`,
    );
  }
  return (server.address() as AddressInfo).port;
}

function portInUse(port: number): never {
  return fail(
    EXIT.usage,
    `Port ${port} is in use. Choose another with --port, leave --port out so that a free one is taken, or use: outrider login --device-code`,
  );
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((done) => server.close(done));
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  state: string,
  resolve: (redirect: Redirect) => void,
): void {
  const url = URL.parse(request.url ?? '', 'http://localhost');
  if (request.method !== 'GET' || url?.pathname !== '/') {
    show(response, 404, PAGES.nothing);
    return;
  }
  const redirect = sameText(url.searchParams.get('state') ?? '', state)
    ? redirectIn(url.searchParams)
    : undefined;
  if (redirect === undefined) {
    show(response, 400, PAGES.strange);
    return;
  }
  // The command may end the moment it has the code: the person is told first.
  response.once('close', () => resolve(redirect));
  show(response, 200, 'code' in redirect ? PAGES.signedIn : PAGES.refused);
}

function redirectIn(query: URLSearchParams): Redirect | undefined {
  const error = query.get('error');
  if (error !== null) return refusalOf(error, query);
  const code = query.get('code');
  return code ? { code } : undefined;
}

/** Codes only: the sentence beside them is shown by the browser already. */
function refusalOf(error: string, query: URLSearchParams): Redirect {
  const number = /AADSTS(\d{4,8})/.exec(query.get('error_description') ?? '')?.[1];
  const word = /^[\w.-]{1,64}$/.test(error) ? error : 'unknown';
  return { error: word, ...(number === undefined ? {} : { number: Number(number) }) };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function show(response: ServerResponse, status: number, { html }: Page): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(html);
}
