import type { QueueOptions } from '../../lab/runner/host-json.ts';
import { type QueueListener, startQueueListener } from '../../lab/runner/queue-listener.ts';
import type { Queue } from '../../lab/runner/storage.ts';
import { type RunOutcome, runSync, type SyncDependencies } from '../../shared/incidents/run.ts';
import { tenantOfMessage } from '../../shared/tenant-message.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One function of one instance at its queue, with the host's batches, tries and back-off. */
export function listen({
  name,
  queueName,
  time,
  queue,
  poison,
  options,
  random,
  handle,
}: {
  readonly name: string;
  readonly queueName: string;
  readonly time: VirtualTime;
  readonly queue: Queue;
  readonly poison: Queue;
  readonly options: QueueOptions;
  readonly random: () => number;
  /** The function: what it throws is tried again. */
  readonly handle: (message: unknown) => Promise<void>;
}): QueueListener {
  return startQueueListener({
    fn: {
      name,
      queueName,
      trigger: 'queue',
      binding: 'message',
      outputs: new Map(),
      registered: { metadata: { name, bindings: {} }, callback: () => undefined },
      connection: 'AzureWebJobsStorage',
      binary: false,
    },
    queue,
    poison: { name: `${queueName}-poison`, queue: poison },
    options,
    clock: { now: time.now, sleep: time.wait },
    random,
    log: () => {},
    invoker: {
      idle: async () => {},
      async invoke({ input }) {
        try {
          await handle(input.string);
          return { ok: true, response: {} };
        } catch (error) {
          return { ok: false, error };
        }
      },
    },
  });
}

/** One instance of the app at its queue, as function sync-tenant runs it. */
export function startInstance({
  sync,
  onRun,
  ...at
}: {
  readonly time: VirtualTime;
  readonly queue: Queue;
  readonly poison: Queue;
  readonly options: QueueOptions;
  readonly sync: SyncDependencies;
  readonly onRun: (tenant: string, outcome: RunOutcome | 'thrown') => void;
}): QueueListener {
  return listen({
    ...at,
    name: 'sync-tenant',
    queueName: 'outrider-sync',
    random: sync.clock.random,
    async handle(message) {
      const tenantId = tenantOfMessage(message) ?? '';
      try {
        onRun(tenantId, await runSync(sync, { tenantId }));
      } catch (error) {
        onRun(tenantId, 'thrown');
        throw error;
      }
    },
  });
}
