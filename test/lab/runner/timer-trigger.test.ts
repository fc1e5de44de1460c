import { expect, test } from 'vitest';
import type { TimerFunction } from '../../../lab/runner/index-functions.ts';
import type { Invocation, Invoker, Outcome } from '../../../lab/runner/invoker.ts';
import { parseSchedule } from '../../../lab/runner/schedule.ts';
import type { TimerStatus, TimerStatusStore } from '../../../lab/runner/timer-status.ts';
import { startTimerTrigger } from '../../../lab/runner/timer-trigger.ts';
import type { RetryOptions } from '../../../lab/runner/worker-contract.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

const START = Date.parse('2026-11-21T10:02:30Z');
const MINUTE = 60_000;
const at = (text: string): number => Date.parse(`2026-11-21T${text}Z`);
const OK: Outcome = { ok: true, response: {} };

interface Options {
  readonly schedule?: string;
  readonly runOnStartup?: boolean;
  readonly monitored?: boolean;
  readonly kept?: TimerStatus;
  readonly retryOptions?: RetryOptions;
  readonly takesMs?: number;
  readonly outcome?: (count: number) => Outcome;
}

function begin(options: Options) {
  const clock: ManualClock = createManualClock(START);
  const runs: { at: string; reason: string; timer: unknown; retry: unknown }[] = [];
  const saved: TimerStatus[] = [];
  const fn: TimerFunction = {
    name: 'tick',
    trigger: 'timer',
    binding: 'timer',
    outputs: new Map(),
    registered: {
      metadata: { name: 'tick', bindings: {}, retryOptions: options.retryOptions },
      callback: () => undefined,
    },
    schedule: parseSchedule(options.schedule ?? '0 */5 * * * *', undefined),
    runOnStartup: options.runOnStartup ?? false,
    monitored: options.monitored ?? true,
  };
  const invoker: Invoker = {
    async invoke({ reason, input, retry }: Invocation) {
      const time = new Date(clock.now()).toISOString().slice(11, 19);
      runs.push({ at: time, reason, timer: JSON.parse(input.json ?? 'null'), retry });
      if (options.takesMs !== undefined) await clock.sleep(options.takesMs);
      return options.outcome?.(runs.length) ?? OK;
    },
    idle: async () => undefined,
  };
  const store: TimerStatusStore = {
    load: async () => options.kept,
    save: async (_, status) => void saved.push(status),
  };
  const trigger = startTimerTrigger({ fn, clock, invoker, store, random: () => 0.5 });
  return { clock, runs, saved, trigger };
}

test('runs at each occurrence and keeps its status', async () => {
  const { clock, runs, saved } = begin({});
  await clock.advance(8 * MINUTE);
  expect(runs.map((run) => [run.at, run.reason])).toEqual([
    ['10:05:00', 'schedule'],
    ['10:10:00', 'schedule'],
  ]);
  expect(runs[0]?.timer).toEqual({
    Schedule: { AdjustForDST: true },
    ScheduleStatus: {
      Last: '0001-01-01T00:00:00',
      Next: '2026-11-21T10:05:00+00:00',
      LastUpdated: '2026-11-21T10:02:30+00:00',
    },
    IsPastDue: false,
  });
  expect(runs[1]?.timer).toMatchObject({
    ScheduleStatus: { Last: '2026-11-21T10:05:00+00:00', Next: '2026-11-21T10:10:00+00:00' },
  });
  expect(saved).toEqual([
    { last: undefined, next: at('10:05:00'), lastUpdated: START },
    { last: at('10:05:00'), next: at('10:10:00'), lastUpdated: at('10:05:00') },
    { last: at('10:10:00'), next: at('10:15:00'), lastUpdated: at('10:10:00') },
  ]);
});

test('an occurrence missed while nothing ran is made up for at the start, once, as past due', async () => {
  const { clock, runs } = begin({
    kept: { last: at('09:40:00'), next: at('09:45:00'), lastUpdated: at('09:40:00') },
  });
  await clock.advance(3 * MINUTE);
  expect(runs.map((run) => [run.at, run.reason, (run.timer as { IsPastDue: boolean }).IsPastDue])).toEqual([
    ['10:02:30', 'missed occurrence', true],
    ['10:05:00', 'schedule', false],
  ]);
});

test('after a change of schedule an old occurrence does not count as missed', async () => {
  const { clock, runs, saved } = begin({
    kept: { last: at('08:00:00'), next: at('09:00:00'), lastUpdated: at('08:00:00') },
  });
  await clock.advance(MINUTE);
  expect(runs).toEqual([]);
  expect(saved).toEqual([{ last: undefined, next: at('10:05:00'), lastUpdated: START }]);
});

test('runOnStartup runs at once and then by the schedule', async () => {
  const { clock, runs } = begin({ runOnStartup: true });
  await clock.advance(3 * MINUTE);
  expect(runs.map((run) => [run.at, run.reason])).toEqual([
    ['10:02:30', 'runOnStartup'],
    ['10:05:00', 'schedule'],
  ]);
});

test('runs never overlap: what passes meanwhile is one run right after', async () => {
  const { clock, runs } = begin({ takesMs: 12 * MINUTE });
  await clock.advance(30 * MINUTE);
  expect(runs.map((run) => run.at)).toEqual(['10:05:00', '10:17:00', '10:29:00']);
});

test('a failed run is not repeated without a retry policy', async () => {
  const { clock, runs } = begin({ outcome: () => ({ ok: false, error: new Error('no') }) });
  await clock.advance(5 * MINUTE);
  expect(runs.map((run) => run.at)).toEqual(['10:05:00']);
});

test('a retry policy repeats a failed run, telling it how often', async () => {
  const { clock, runs } = begin({
    retryOptions: {
      retryStrategy: 'exponentialBackoff',
      maxRetryCount: 3,
      minimumInterval: { seconds: 10 },
      maximumInterval: { seconds: 15 },
    },
    outcome: (count) => (count < 4 ? { ok: false, error: new Error('not yet') } : OK),
  });
  await clock.advance(5 * MINUTE);
  expect(runs.map((run) => run.at)).toEqual(['10:05:00', '10:05:10', '10:05:25', '10:05:40']);
  expect(runs[3]?.retry).toEqual({ retryCount: 3, maxRetryCount: 3, exception: { message: 'not yet' } });
});

test('retries end at maxRetryCount', async () => {
  const { clock, runs } = begin({
    retryOptions: { retryStrategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { seconds: 5 } },
    outcome: () => ({ ok: false, error: new Error('never') }),
  });
  await clock.advance(4 * MINUTE);
  expect(runs.map((run) => run.at)).toEqual(['10:05:00', '10:05:05', '10:05:10']);
});

test('a timer that is not monitored keeps nothing and tells the handler nothing of its occurrences', async () => {
  const { clock, runs, saved } = begin({ monitored: false, schedule: '*/30 * * * * *' });
  await clock.advance(MINUTE);
  expect(runs.map((run) => run.at)).toEqual(['10:03:00', '10:03:30']);
  expect(runs[0]?.timer).toMatchObject({ ScheduleStatus: null });
  expect(saved).toEqual([]);
});

test('stop ends the waiting', async () => {
  const { clock, runs, trigger } = begin({});
  await clock.advance(MINUTE);
  await trigger.stop();
  await clock.advance(10 * MINUTE);
  expect(runs).toEqual([]);
});
