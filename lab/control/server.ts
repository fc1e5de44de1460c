import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { notes } from '../leak-watch/notes.ts';
import { listenOnLoopback } from '../net/listen.ts';
import { readBody, UnreadableRequestError } from '../net/request.ts';
import { zodText } from '../zod-text.ts';
import type { ControlAddress } from './client.ts';
import { type ControlledLab, controlRoutes } from './routes.ts';

export interface ControlServer extends ControlAddress {
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The lab's own endpoint for commands: plain http on the loopback interface, open to whoever has the key of
 * this run. It belongs to the lab; the product knows nothing of it.
 */
export async function startControl(lab: ControlledLab): Promise<ControlServer> {
  const key = randomBytes(32).toString('base64url');
  notes().secret("key of the lab's control endpoint", key);
  const routes = controlRoutes(lab);
  const server = createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!hasKey(request, key)) return send(response, 401, { error: 'The key is not the one of this lab.' });
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const route = routes.find((one) => one.method === request.method && one.path.test(path));
    if (route === undefined)
      return send(response, 404, { error: `The lab knows no ${request.method} ${path}.` });
    try {
      const text = (await readBody(request, MAX_BODY_BYTES)).toString('utf8');
      const argument = route.path.exec(path)?.[1];
      const result = await route.run({ body: text === '' ? undefined : JSON.parse(text), argument });
      send(response, result === undefined ? 204 : 200, result);
    } catch (error) {
      send(response, error instanceof UnreadableRequestError ? error.status : 400, { error: textOf(error) });
    }
  }

  const { port, close } = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${port}`, key, stop: close };
}

function hasKey(request: IncomingMessage, key: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${key}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function textOf(error: unknown): string {
  if (error instanceof z.ZodError) return `The lab does not take that. ${zodText(error)}.`;
  return error instanceof Error ? error.message : String(error);
}
