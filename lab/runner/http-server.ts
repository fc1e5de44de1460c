import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { notes } from '../leak-watch/notes.ts';
import { isAdminPath, runByName } from './admin.ts';
import type { RunnerClock } from './clock.ts';
import { throughDoor } from './door-links.ts';
import type { HostJson } from './host-json.ts';
import { toHttpData } from './http-request.ts';
import { empty, writeHttpData } from './http-response.ts';
import type { HttpFunction, IndexedFunction } from './index-functions.ts';
import type { Invoker } from './invoker.ts';
import type { Log } from './log.ts';
import { readBody } from './request-body.ts';
import { compareRoutes, matchRoute, pathSegments } from './routes.ts';
import { messageOf } from './runner-error.ts';
import type { HttpData } from './worker-contract.ts';

/** What the HTTP side of the runner needs. */
export interface HttpServerDeps {
  readonly functions: readonly IndexedFunction[];
  readonly host: HostJson;
  readonly invoker: Invoker;
  readonly clock: RunnerClock;
  readonly log: Log;
  /** Largest request body in bytes; the host's is 100 MB (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT). */
  readonly bodyLimit: number;
  /** Where links to sign-in pages lead, for a browser that does not run in the lab; undefined: where they say. */
  readonly door?: string | undefined;
}

/** The HTTP side of the runner. */
export interface HttpServer {
  readonly listener: RequestListener;
  /** Settles when every answer under way has been handed over. */
  idle(): Promise<void>;
}

interface Match {
  readonly fn: HttpFunction;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Plays the HTTP trigger, loopback only: routes without regard to case, most specific first; 404 with no body
 * for an unknown route and, as the host has it, for a known one with another method (azure-functions-host
 * issues 10098, 11625); an exception is 500 with no body.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger
 */
export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const routed = deps.functions
    .filter((fn) => fn.trigger === 'http')
    .sort((left, right) => compareRoutes(left.route, right.route));

  const underWay = new Set<Promise<void>>();
  return {
    listener(message, response) {
      track(response);
      answer(message, response).catch((error: unknown) => {
        deps.log({ level: 'error', source: 'runner', message: `HTTP: ${messageOf(error)}` });
        empty(response, 500);
      });
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };

  function track(response: ServerResponse): void {
    const closed = new Promise<void>((resolve) => {
      response.once('close', resolve);
    });
    underWay.add(closed);
    void closed.then(() => underWay.delete(closed));
  }

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(message);
    const path = url === undefined ? undefined : segmentsOf(url.pathname);
    if (url === undefined || path === undefined) return empty(response, 400);
    if (isAdminPath(path)) return runByName({ ...deps, message, response, path });
    const match = findFunction(path, message.method ?? 'GET');
    if (match === undefined) return empty(response, 404);
    const body = await readBody(message, deps.bodyLimit);
    if (body.kind === 'gone') return;
    if (body.kind === 'tooLarge') return empty(response, 413);
    const http = toHttpData({ message, url, params: match.params, body: body.bytes });
    const { traceparent, tracestate } = message.headers;
    const outcome = await deps.invoker.invoke({
      fn: match.fn,
      reason: `${message.method} ${url.pathname}`,
      input: { http },
      triggerMetadata: {},
      traceParent: single(traceparent),
      traceState: single(tracestate),
    });
    // A client that has gone away gets nothing; there is nobody to write to.
    if (response.destroyed) return;
    if (!outcome.ok) return empty(response, 500);
    const data =
      outcome.response.returnValue ?? outcome.response.outputData?.find((entry) => entry.data.http)?.data;
    const given = data?.http ?? undefined;
    const shown = given && deps.door !== undefined ? throughDoor(given, deps.door) : given;
    writeHttpData(response, shown, deps.host.customHeaders);
    noteAnswer(message, match.fn.name, shown);
  }

  function findFunction(path: readonly string[], method: string): Match | undefined {
    const rest = withoutPrefix(path, deps.host.routePrefix);
    if (rest === undefined) return undefined;
    for (const fn of routed) {
      if (fn.methods.length > 0 && !fn.methods.includes(method)) continue;
      const params = matchRoute(fn.route, rest);
      if (params !== undefined) return { fn, params };
    }
    return undefined;
  }
}

/** The caller's token is a secret, and nothing that the app answers may hold one. */
function noteAnswer(message: IncomingMessage, name: string, answer: HttpData | undefined): void {
  const token = JWT.exec(message.headers.authorization ?? '')?.[1];
  if (token !== undefined) notes().secret('access token', token);
  const { body, ...head } = answer ?? {};
  const content = body?.bytes ?? JSON.stringify(body) ?? '';
  for (const text of [message.url ?? '', Buffer.from(content).toString()]) {
    for (const [, secret = ''] of text.matchAll(INVITATION)) notes().secret('invitation link', secret);
  }
  for (const { value } of head.cookies ?? []) notes().secret("browser's cookie", value);
  notes().seen(`answer of the function ${name}`, `${JSON.stringify(head)}\n`, content);
}

/** A link that a browser without a token opens: its secret, behind the id. */
const INVITATION = /[?&]invitation=[0-9a-f-]{36}\.([\w-]{43})/g;
const JWT = /^Bearer +([\w-]+\.[\w-]+\.[\w-]{20,})$/i;

function withoutPrefix(path: readonly string[], prefix: string): readonly string[] | undefined {
  const expected = prefix === '' ? [] : prefix.toLowerCase().split('/');
  return expected.every((part, index) => path[index]?.toLowerCase() === part)
    ? path.slice(expected.length)
    : undefined;
}

const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/i;

/** The address asked for; undefined where Kestrel answers 400: a host that is none, or not the address of a page. */
function urlOf(message: IncomingMessage): URL | undefined {
  const target = message.url ?? '/';
  const host = message.headers.host || 'localhost';
  if (!HOST.test(host)) return undefined;
  const url = URL.parse(target.startsWith('/') ? `http://${host}${target}` : target);
  const isPage = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isPage ? url : undefined;
}

function segmentsOf(path: string): readonly string[] | undefined {
  try {
    return pathSegments(path);
  } catch {
    return undefined;
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
