import type { RunnerClock } from './clock.ts';
import type { TimerFunction } from './index-functions.ts';
import type { Invoker, Outcome } from './invoker.ts';
import { retryDelayMs } from './retry.ts';
import { messageOf } from './runner-error.ts';
import { dotnetTime, type TimerStatus, type TimerStatusStore } from './timer-status.ts';
import type { RetryContext, TypedData } from './worker-contract.ts';

/** A timer trigger at work. */
export interface TimerTrigger {
  /** Stops waiting and resolves when a run under way is done. */
  stop(): Promise<void>;
}

/**
 * Plays the timer trigger. One run at a time; an occurrence that passes while the function runs makes it run
 * again at once, once. At the start a missed occurrence runs with `isPastDue`, else `runOnStartup` counts.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
 */
export function startTimerTrigger(deps: {
  readonly fn: TimerFunction;
  readonly clock: RunnerClock;
  readonly invoker: Invoker;
  readonly store: TimerStatusStore;
  /** As Math.random, for retry delays. */
  readonly random: () => number;
}): TimerTrigger {
  const { fn, clock } = deps;
  const stopping = new AbortController();
  const running = run();

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };

  async function run(): Promise<void> {
    let status = fn.monitored ? await loadStatus(fn, deps.store, clock.now()) : firstStatus(fn, clock.now());
    if (stopping.signal.aborted) return;
    if (fn.monitored && clock.now() > status.next) status = await fire(status, 'missed occurrence', true);
    else if (fn.runOnStartup) status = await fire(status, 'runOnStartup', false);
    for (;;) {
      await clock.sleep(Math.max(0, status.next - clock.now()), stopping.signal);
      if (stopping.signal.aborted) return;
      // A timer may end a moment early; the status must not then name the same occurrence again.
      if (clock.now() >= status.next) status = await fire(status, 'schedule', false);
    }
  }

  async function fire(status: TimerStatus, reason: string, isPastDue: boolean): Promise<TimerStatus> {
    const invoked = clock.now();
    const input = timerInput(fn, status, isPastDue);
    await invokeWithRetry(input, reason);
    const next: TimerStatus = { last: invoked, next: fn.schedule.next(invoked), lastUpdated: invoked };
    if (fn.monitored) await deps.store.save(fn.name, next);
    return next;
  }

  async function invokeWithRetry(input: TypedData, reason: string): Promise<void> {
    const policy = fn.registered.metadata.retryOptions;
    let retry: RetryContext | undefined;
    for (let count = 1; ; count += 1) {
      const outcome: Outcome = await deps.invoker.invoke({ fn, reason, input, triggerMetadata: {}, retry });
      const exhausted = policy === undefined || (policy.maxRetryCount >= 0 && count > policy.maxRetryCount);
      if (outcome.ok || exhausted) return;
      await clock.sleep(retryDelayMs(policy, count, deps.random), stopping.signal);
      if (stopping.signal.aborted) return;
      retry = {
        retryCount: count,
        maxRetryCount: policy.maxRetryCount,
        exception: { message: messageOf(outcome.error) },
      };
    }
  }
}

/** The timer object in the host's spelling; the library turns it into `schedule`, `scheduleStatus`, `isPastDue`. */
export function timerInput(fn: TimerFunction, status: TimerStatus, isPastDue: boolean): TypedData {
  const ScheduleStatus = fn.monitored
    ? {
        Last: dotnetTime(status.last),
        Next: dotnetTime(status.next),
        LastUpdated: dotnetTime(status.lastUpdated),
      }
    : null;
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: fn.schedule.adjustForDst },
      ScheduleStatus,
      IsPastDue: isPastDue,
    }),
  };
}

function firstStatus(fn: TimerFunction, now: number): TimerStatus {
  return { last: undefined, next: fn.schedule.next(now), lastUpdated: now };
}

/** The status kept from before, its next occurrence worked out anew when the schedule has changed since. */
async function loadStatus(fn: TimerFunction, store: TimerStatusStore, now: number): Promise<TimerStatus> {
  const kept = await store.load(fn.name);
  if (kept === undefined) {
    const status = firstStatus(fn, now);
    await store.save(fn.name, status);
    return status;
  }
  const expected = fn.schedule.next(kept.last ?? kept.lastUpdated);
  if (expected === kept.next) return kept;
  const changed: TimerStatus =
    now > expected
      ? firstStatus(fn, now)
      : { last: undefined, next: expected, lastUpdated: kept.last ?? kept.lastUpdated };
  await store.save(fn.name, changed);
  return changed;
}
