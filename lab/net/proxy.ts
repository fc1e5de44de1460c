import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { listenOnLoopback } from './listen.ts';

export interface ProxyOptions {
  /** Local port that stands in for a host name (lower case), or undefined: refuse. */
  portOf(host: string): number | undefined;
  /** Time of a refusal, milliseconds since 1970 UTC. */
  now(): number;
}

/** An attempt to reach something that is not part of the lab. */
export interface Refusal {
  /** `host:port`, or the whole address without its query for a plain-http request. */
  readonly target: string;
  readonly method: string;
  readonly time: string;
}

export interface LabProxy {
  readonly port: number;
  readonly url: string;
  /** Everything that was refused, oldest first; the last 1,000. */
  refused(): readonly Refusal[];
  stop(): Promise<void>;
}

const KEPT_REFUSALS = 1000;

/**
 * The only way out that a process in the lab has: a CONNECT proxy on the loopback interface. A host name it
 * knows leads to a local port, anything else (another name, a port that is not 443, plain http) gets 403 and
 * is recorded. Nothing is ever dialled but 127.0.0.1.
 */
export async function startProxy({ portOf, now }: ProxyOptions): Promise<LabProxy> {
  const refusals: Refusal[] = [];
  const refuse = (method: string, target: string): void => {
    refusals.push({ method, target, time: new Date(now()).toISOString() });
    if (refusals.length > KEPT_REFUSALS) refusals.shift();
  };

  const server = createServer((request, response) => {
    refuse(request.method ?? 'GET', withoutQuery(request.url ?? '/'));
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end('The lab has no way outside; only https to the hosts it stands in for.\n');
  });
  // Sockets of CONNECT requests, which the server no longer knows of.
  const tunnels = new Set<Duplex>();
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const target = request.url ?? '';
    const port = localPort(target, portOf);
    // A client that goes away early is no fault of the lab.
    client.on('error', () => client.destroy());
    tunnels.add(client);
    client.on('close', () => tunnels.delete(client));
    if (port === undefined) {
      refuse('CONNECT', target);
      client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    openTunnel(client, head, port);
  });

  const { port, close } = await listenOnLoopback(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    refused: () => [...refusals],
    async stop() {
      for (const tunnel of tunnels) tunnel.destroy();
      await close();
    },
  };
}

function openTunnel(client: Duplex, head: Buffer, port: number): void {
  const upstream: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
  // After a proper end the client is still being sent what is on its way: only a failure cuts it off.
  upstream.on('error', () => client.destroy());
  // What a client still says then has no reader, and unread it would keep the socket open for ever.
  upstream.on('close', () => client.resume());
  client.on('close', () => upstream.destroy());
  upstream.once('connect', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    client.pipe(upstream);
    upstream.pipe(client);
  });
}

function localPort(target: string, portOf: ProxyOptions['portOf']): number | undefined {
  const match = /^([^:/?#@]+):443$/.exec(target);
  return match?.[1] === undefined ? undefined : portOf(match[1].toLowerCase());
}

function withoutQuery(target: string): string {
  return target.split('?', 1)[0] ?? target;
}
