import { randomUUID } from 'node:crypto';
import type { RunnerClock } from './clock.ts';
import type { IndexedFunction } from './index-functions.ts';
import type { Log } from './log.ts';
import { messageOf, RunnerError } from './runner-error.ts';
import {
  type InvocationResponse,
  type RetryContext,
  type TypedData,
  traceContextFrom,
  type Worker,
} from './worker-contract.ts';

/** Why and with what a function runs once. */
export interface Invocation {
  readonly fn: IndexedFunction;
  /** Made up when absent. */
  readonly invocationId?: string;
  /** What brought it about, for the log. */
  readonly reason: string;
  readonly input: TypedData;
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
  readonly retry?: RetryContext | undefined;
}

/** How it ended. Nothing is thrown: a failed function is the trigger's to deal with. */
export type Outcome =
  | { readonly ok: true; readonly response: InvocationResponse }
  | { readonly ok: false; readonly error: unknown };

export interface Invoker {
  invoke(invocation: Invocation): Promise<Outcome>;
  /** Settles when none is under way. */
  idle(): Promise<void>;
}

/**
 * Runs functions: host.json's functionTimeout applied, output bindings written, one log line at the start and
 * one at the end. After a timeout the function's promise is left to itself (the real host kills the worker
 * process) and its result is dropped.
 * https://learn.microsoft.com/azure/azure-functions/functions-host-json#functiontimeout
 */
export function createInvoker(deps: {
  readonly worker: Worker;
  readonly clock: RunnerClock;
  readonly log: Log;
  readonly timeoutMs: number | undefined;
  sendOutputs(fn: IndexedFunction, response: InvocationResponse): Promise<void>;
}): Invoker {
  const underWay = new Set<Promise<Outcome>>();

  return {
    async invoke(invocation) {
      const run = runOnce(invocation);
      underWay.add(run);
      try {
        return await run;
      } finally {
        underWay.delete(run);
      }
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };

  async function runOnce(invocation: Invocation): Promise<Outcome> {
    const invocationId = invocation.invocationId ?? randomUUID();
    const { fn } = invocation;
    const line = { source: 'runner', functionName: fn.name, invocationId } as const;
    deps.log({ ...line, level: 'information', message: `started: ${invocation.reason}` });
    const started = deps.clock.now();
    const outcome = await execute(invocation, invocationId).then(
      (response): Outcome => ({ ok: true, response }),
      (error: unknown): Outcome => ({ ok: false, error }),
    );
    const ms = deps.clock.now() - started;
    if (outcome.ok) {
      deps.log({ ...line, level: 'information', message: `ok in ${ms} ms`, ms, outcome: 'ok' });
      return outcome;
    }
    const stack = outcome.error instanceof Error ? outcome.error.stack : undefined;
    const message = `failed after ${ms} ms: ${messageOf(outcome.error)}`;
    deps.log({ ...line, level: 'error', message, ms, outcome: 'failed', stack });
    return outcome;
  }

  async function execute(invocation: Invocation, invocationId: string): Promise<InvocationResponse> {
    const { fn } = invocation;
    const response = await withinTimeout(
      deps.worker.invoke(fn.registered, {
        invocationId,
        inputData: [{ name: fn.binding, data: invocation.input }],
        triggerMetadata: invocation.triggerMetadata,
        traceContext: traceContextFrom(invocation.traceParent, invocation.traceState),
        retryContext: invocation.retry,
      }),
    );
    await deps.sendOutputs(fn, response);
    return response;
  }

  async function withinTimeout<T>(work: Promise<T>): Promise<T> {
    const { timeoutMs } = deps;
    if (timeoutMs === undefined) return work;
    const done = new AbortController();
    const timeout = deps.clock.sleep(timeoutMs, done.signal).then((): never | undefined => {
      if (done.signal.aborted) return undefined;
      throw new RunnerError(
        `the function ran longer than host.json's functionTimeout of ${timeoutMs / 1000} s`,
      );
    });
    // The loser of the race must not end the process when it fails later.
    work.catch(() => undefined);
    timeout.catch(() => undefined);
    try {
      return await Promise.race([work, timeout.then(() => work)]);
    } finally {
      done.abort();
    }
  }
}
