import { type HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { ACTIONS, type Action } from '../../../shared/http/actions.ts';
import { tenantRoute } from '../../../shared/http/route.ts';
import { createRandom } from '../../faults/random.ts';
import type { SigningKey } from '../directories.ts';
import { type CallersRequest, createRequests } from './draw-request.ts';
import { createOracle } from './oracle.ts';
import { type CallersWorld, createKeys, createWorld } from './world.ts';

/** How many requests, from which seed. */
export interface CallersSeries {
  readonly requests: number;
  readonly seed: number;
  /** The series ends with so many wrong answers. */
  readonly enough: number;
}

export interface CallersResult {
  /** The first requests that were answered wrongly: how they were made, and what was wrong. */
  readonly wrong: readonly string[];
  /** Answers by status. */
  readonly counts: Readonly<Record<number, number>>;
  /** Addresses of sign-in that were asked, each once. */
  readonly asked: readonly string[];
  readonly askedTimes: number;
}

const TOKEN = /[\w-]{20,}\.[\w-]{20,}/;

/**
 * Plays a series against the routes' own guard, with the real check of tokens and rights behind it and the directories'
 * keys in front. The worker puts `world.app` where the composition root would be.
 */
export async function playCallers(
  { requests, seed, enough }: CallersSeries,
  use: (app: CallersWorld['app']) => void,
): Promise<CallersResult> {
  const keys: ReadonlyMap<string, readonly SigningKey[]> = createKeys();
  const world = createWorld(keys);
  globalThis.fetch = world.directories.fetch;
  use(world.app);
  const draw = createRequests(createRandom(seed), keys);
  const expectedOf = createOracle(keys);
  const handlers = routes();
  const wrong: string[] = [];
  const counts: Record<number, number> = {};

  for (let played = 0; played < requests && wrong.length < enough; played++) {
    const request = draw();
    const made = httpRequest(request);
    // What no HTTP client can send, no host hands on.
    if (made === undefined) continue;
    const answer = await handlers[request.action](made, context());
    const { status = 200, text } = textOf(answer);
    counts[status] = (counts[status] ?? 0) + 1;
    const fault = faultOf(request, expectedOf(request), { status, text });
    if (fault !== undefined) wrong.push(`#${played} ${request.made}: ${fault}`);
  }
  const { asked } = world.directories;
  return { wrong, counts, asked: [...new Set(asked)], askedTimes: asked.length };
}

/** One route for each action; it answers with the tenant that it was given. */
function routes(): Readonly<Record<Action, HttpHandler>> {
  const handlerOf = (action: Action): HttpHandler =>
    tenantRoute(action, async (_request, { tenant }) => ({ jsonBody: { tenant: tenant.id } }));
  const all = Object.keys(ACTIONS).map((action) => [action, handlerOf(action as Action)]);
  return Object.fromEntries(all) as Readonly<Record<Action, HttpHandler>>;
}

function httpRequest({ headers, tenantId }: CallersRequest): HttpRequest | undefined {
  const request = new HttpRequest({
    method: 'GET',
    url: 'http://localhost/api/tenants',
    params: { tenantId },
  });
  try {
    for (const [name, value] of headers) request.headers.append(name, value);
    return request;
  } catch {
    return undefined;
  }
}

const context = (): InvocationContext =>
  new InvocationContext({ functionName: 'fuzz', logHandler: () => {} });

function textOf(answer: unknown): { readonly status?: number; readonly text: string } {
  const { status, body, jsonBody } = answer as { status?: number; body?: unknown; jsonBody?: unknown };
  const text = typeof body === 'string' ? body : JSON.stringify(jsonBody ?? '');
  return status === undefined ? { text } : { status, text };
}

function faultOf(
  { headers, tenantId }: CallersRequest,
  expected: readonly number[],
  { status, text }: { readonly status: number; readonly text: string },
): string | undefined {
  if (!expected.includes(status)) return `was answered ${status}, not ${expected.join(' or ')}: ${text}`;
  if (status === 200 && text !== JSON.stringify({ tenant: tenantId.toLowerCase() }))
    return `was answered with ${text}`;
  if (TOKEN.test(text)) return 'was answered with a token';
  const sent = headers.map(([, value]) => value).filter((value) => value.length > 40);
  return sent.some((value) => text.includes(value)) ? 'was answered with what it sent' : undefined;
}
