import type { RunnerClock } from './clock.ts';
import type { HostJson } from './host-json.ts';
import type { IndexedFunction } from './index-functions.ts';
import type { Invoker } from './invoker.ts';
import type { Log } from './log.ts';
import { startQueueTriggers } from './queue-triggers.ts';
import type { Settings } from './settings.ts';
import type { Storage } from './storage.ts';
import { createTimerStatusStore, hostIdOf } from './timer-status.ts';
import { startTimerTrigger } from './timer-trigger.ts';

/** The queue and timer triggers of an app, at work. */
export interface Triggers {
  /** Tells triggers on that queue that the app has sent to it. */
  notify(queueName: string): void;
  /** Takes nothing new and resolves when what was under way is done. */
  stop(): Promise<void>;
}

export function startTriggers(deps: {
  readonly functions: readonly IndexedFunction[];
  readonly host: HostJson;
  readonly settings: Settings;
  readonly storage: Storage;
  readonly invoker: Invoker;
  readonly clock: RunnerClock;
  readonly log: Log;
}): Triggers {
  const { functions, host, settings, storage, log } = deps;
  const shared = { invoker: deps.invoker, clock: deps.clock, log, random: Math.random };
  const queueFunctions = functions.filter((fn) => fn.trigger === 'queue');
  const queues = startQueueTriggers(queueFunctions, { ...shared, options: host.queues, storage });
  const store = createTimerStatusStore({ storage, hostId: hostIdOf(settings), log });
  const timers = functions
    .filter((fn) => fn.trigger === 'timer')
    .map((fn) => startTimerTrigger({ ...shared, fn, store }));

  return {
    notify: queues.notify,
    async stop() {
      await Promise.all([queues.stop(), ...timers.map((timer) => timer.stop())]);
    },
  };
}
