import { expect, test } from 'vitest';
import type { TimerFunction } from '../../../lab/runner/index-functions.ts';
import { createInvoker, type Outcome } from '../../../lab/runner/invoker.ts';
import type { LogEntry } from '../../../lab/runner/log.ts';
import { parseSchedule } from '../../../lab/runner/schedule.ts';
import type { InvocationResponse, Worker } from '../../../lab/runner/worker-contract.ts';
import { createManualClock } from './manual-clock.ts';

const fn: TimerFunction = {
  name: 'job',
  trigger: 'timer',
  binding: 'timer',
  outputs: new Map(),
  registered: { metadata: { name: 'job', bindings: {} }, callback: () => undefined },
  schedule: parseSchedule('0 * * * * *', undefined),
  runOnStartup: false,
  monitored: false,
};

function begin(options: {
  readonly timeoutMs?: number;
  readonly work: (sleep: (milliseconds: number) => Promise<void>) => Promise<InvocationResponse>;
  readonly sendOutputs?: () => Promise<void>;
}) {
  const clock = createManualClock(0);
  const log: LogEntry[] = [];
  const sent: InvocationResponse[] = [];
  const worker: Worker = {
    functions: () => [],
    start: async () => ({ httpUri: undefined }),
    invoke: () => options.work(clock.sleep),
    terminate: async () => undefined,
  };
  const invoker = createInvoker({
    worker,
    clock,
    log: (entry) => void log.push(entry),
    timeoutMs: options.timeoutMs,
    sendOutputs: async (_, response) => {
      sent.push(response);
      await options.sendOutputs?.();
    },
  });
  let outcome: Outcome | undefined;
  void invoker.invoke({ fn, reason: 'test', input: {}, triggerMetadata: {} }).then((value) => {
    outcome = value;
  });
  return { clock, log, sent, invoker, outcome: () => outcome };
}

test('one line at the start and one at the end, with the same id and the time taken', async () => {
  const { clock, log, outcome } = begin({
    work: async (sleep) => {
      await sleep(250);
      return {};
    },
  });
  await clock.advance(300);
  expect(outcome()).toEqual({ ok: true, response: {} });
  expect(log.map((entry) => [entry.functionName, entry.message, entry.ms, entry.outcome])).toEqual([
    ['job', 'started: test', undefined, undefined],
    ['job', 'ok in 250 ms', 250, 'ok'],
  ]);
  expect(log[0]?.invocationId).toBe(log[1]?.invocationId);
});

test('a function that runs too long fails at functionTimeout, and its late result is dropped', async () => {
  const { clock, log, sent, outcome } = begin({
    timeoutMs: 1_000,
    work: async (sleep) => {
      await sleep(5_000);
      return { returnValue: { string: 'late' } };
    },
  });
  await clock.advance(999);
  expect(outcome()).toBeUndefined();
  await clock.advance(1);
  expect(outcome()).toMatchObject({ ok: false });
  expect(log.at(-1)).toMatchObject({
    outcome: 'failed',
    message: expect.stringContaining('functionTimeout of 1 s'),
  });
  await clock.advance(10_000);
  expect(sent).toEqual([]);
  expect(log).toHaveLength(2);
});

test('a function that fails after its timeout does not end the process', async () => {
  const { clock, outcome } = begin({
    timeoutMs: 1_000,
    work: async (sleep) => {
      await sleep(2_000);
      throw new Error('too late to matter');
    },
  });
  await clock.advance(5_000);
  expect(outcome()).toMatchObject({ ok: false, error: { name: 'RunnerError' } });
});

test('an output that cannot be written fails the invocation', async () => {
  const { clock, outcome } = begin({
    work: async () => ({}),
    sendOutputs: async () => {
      throw new Error('no such queue');
    },
  });
  await clock.advance(1);
  expect(outcome()).toMatchObject({ ok: false, error: { message: 'no such queue' } });
});

test('idle settles when the last invocation has ended', async () => {
  const { clock, invoker } = begin({
    work: async (sleep) => {
      await sleep(100);
      return {};
    },
  });
  let idle = false;
  void invoker.idle().then(() => {
    idle = true;
  });
  await clock.advance(99);
  expect(idle).toBe(false);
  await clock.advance(1);
  expect(idle).toBe(true);
});
