import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createManagedIdentity,
  type ManagedIdentityHandler,
  type ManagedIdentityOptions,
} from '../../../lab/managed-identity/managed-identity.ts';
import { sendAnswer } from '../../../lab/net/answer.ts';
import { listenOnLoopback } from '../../../lab/net/listen.ts';
import { readRequest } from '../../../lab/net/request.ts';
import type { LabClock } from '../../../lab/service.ts';

export interface ManagedIdentityEndpoint extends Omit<ManagedIdentityHandler, 'handle'> {
  /** For `IDENTITY_ENDPOINT`: `http://127.0.0.1:<port>/msi/token`. */
  readonly endpoint: string;
  /** For `IDENTITY_HEADER`. */
  readonly header: string;
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 65_536;

/** Starts the endpoint on a loopback port of the system's choice, plain http as in App Service. */
export async function startManagedIdentity(
  options: ManagedIdentityOptions,
): Promise<ManagedIdentityEndpoint> {
  const { handle, ...controls } = createManagedIdentity(options);
  const server = createServer((request, response) => {
    response.on('error', () => response.destroy());
    void respond(handle, options.clock, request, response);
  });
  const { port, close } = await listenOnLoopback(server);
  return {
    ...controls,
    endpoint: `http://127.0.0.1:${port}/msi/token`,
    header: options.secretHeader,
    stop: close,
  };
}

async function respond(
  handle: ManagedIdentityHandler['handle'],
  clock: LabClock,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const stamp = { date: new Date(clock.now()), requestId: randomUUID() };
  try {
    sendAnswer(response, await handle(await readRequest(incoming, MAX_BODY_BYTES)), stamp);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    sendAnswer(response, { status: 500, body: { statusCode: 500, message } }, stamp);
  }
}
