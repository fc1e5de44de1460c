import type { RunnerClock } from './clock.ts';
import type { HostJson } from './host-json.ts';
import type { IndexedFunction } from './index-functions.ts';
import type { Invoker } from './invoker.ts';
import type { Log } from './log.ts';
import { startQueueTriggers } from './queue-triggers.ts';
import { messageOf } from './runner-error.ts';
import type { Settings } from './settings.ts';
import type { Storage } from './storage.ts';
import { readStorageConnection } from './storage-connection.ts';
import {
  createMemoryStatusStore,
  createTimerStatusStore,
  hostIdOf,
  type TimerStatusStore,
} from './timer-status.ts';
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
  const timerFunctions = functions.filter((fn) => fn.trigger === 'timer');
  const store = timerFunctions.length === 0 ? createMemoryStatusStore() : statusStore(settings, storage, log);
  const timers = timerFunctions.map((fn) => startTimerTrigger({ ...shared, fn, store }));

  return {
    notify: queues.notify,
    async stop() {
      await Promise.all([queues.stop(), ...timers.map((timer) => timer.stop())]);
    },
  };
}

function statusStore(settings: Settings, storage: Storage, log: Log): TimerStatusStore {
  try {
    readStorageConnection(settings, 'AzureWebJobsStorage');
  } catch (error) {
    const message = `timers forget missed occurrences when the runner ends: ${messageOf(error)}`;
    log({ level: 'warning', source: 'runner', message });
    return createMemoryStatusStore();
  }
  return createTimerStatusStore({ storage, hostId: hostIdOf(settings), log });
}
