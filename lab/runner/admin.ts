import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunnerClock } from './clock.ts';
import { empty } from './http-response.ts';
import type { IndexedFunction, TimerFunction } from './index-functions.ts';
import type { Invocation, Invoker } from './invoker.ts';
import { readBody } from './request-body.ts';
import { timerInput } from './timer-trigger.ts';
import type { TypedData } from './worker-contract.ts';

/** Whether a path asks to run a function by its name: `/admin/functions/{name}`. */
export function isAdminPath(path: readonly string[]): boolean {
  return path[0]?.toLowerCase() === 'admin' && path[1]?.toLowerCase() === 'functions' && path.length === 3;
}

/**
 * `POST /admin/functions/{name}` with `{"input": "…"}` runs a function that is not HTTP triggered, now: 202
 * at once, the input being a queue function's message and of no meaning to a timer. Locally no key is asked for.
 * https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
export async function runByName(call: {
  readonly functions: readonly IndexedFunction[];
  readonly invoker: Invoker;
  readonly clock: RunnerClock;
  readonly bodyLimit: number;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: readonly string[];
}): Promise<void> {
  const { message, response } = call;
  const name = call.path[2]?.toLowerCase();
  const fn = call.functions.find((candidate) => candidate.name.toLowerCase() === name);
  if (fn === undefined || message.method !== 'POST') return empty(response, 404);
  const body = await readBody(message, call.bodyLimit);
  if (body.kind === 'gone') return;
  const input = body.kind === 'whole' ? inputOf(body.bytes.toString('utf8')) : undefined;
  if (input === undefined || fn.trigger === 'http') return empty(response, 400);
  void call.invoker.invoke(manualInvocation(fn, input, call.clock.now()));
  empty(response, 202);
}

function manualInvocation(
  fn: Exclude<IndexedFunction, { trigger: 'http' }>,
  input: string,
  now: number,
): Invocation {
  const reason = 'run by hand';
  if (fn.trigger === 'timer') return { fn, reason, input: manualTimer(fn, now), triggerMetadata: {} };
  const message: TypedData = fn.binary ? { bytes: Buffer.from(input) } : { string: input };
  return { fn, reason, input: message, triggerMetadata: { QueueTrigger: message } };
}

function manualTimer(fn: TimerFunction, now: number): TypedData {
  return timerInput(fn, { last: undefined, next: fn.schedule.next(now), lastUpdated: now }, false);
}

/** The `input` of the body: a string, or any JSON as its text; undefined when the body is not `{"input": …}`. */
function inputOf(text: string): string | undefined {
  if (text === '') return '';
  try {
    const input: unknown = (JSON.parse(text) as { input?: unknown } | null)?.input;
    if (input === undefined || input === null) return '';
    return typeof input === 'string' ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}
