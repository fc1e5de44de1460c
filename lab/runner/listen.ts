import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { empty } from './http-response.ts';
import { messageOf, RunnerError } from './runner-error.ts';

/** The runner's server, which listens before the app is loaded: so the app can be told its address. */
export interface ListeningServer {
  readonly server: Server;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Until it is called every request is answered 503, as by a host that starts. */
  serve(listener: RequestListener): void;
}

/** @param port of the loopback interface; 0 for any free one. @throws RunnerError when it is taken */
export async function listenForApp(port: number): Promise<ListeningServer> {
  let listener: RequestListener = (_request, response) => empty(response, 503);
  const server = createServer((request, response) => listener(request, response));
  // The platform's own limit is on the answer (230 s), not on how slowly a body may arrive.
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new RunnerError(`cannot listen on 127.0.0.1:${port}: ${messageOf(error)}`);
  }
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(next) {
      listener = next;
    },
  };
}
