import type { QueueOptions } from '../../lab/runner/host-json.ts';
import { type QueueListener, startQueueListener } from '../../lab/runner/queue-listener.ts';
import type { Queue } from '../../lab/runner/storage.ts';
import { tenantOfMessage } from '../../shared/incidents/message.ts';
import { type RunOutcome, runSync, type SyncDependencies } from '../../shared/incidents/run.ts';
import type { VirtualTime } from './virtual-time.ts';

const FUNCTION = {
  name: 'sync-tenant',
  trigger: 'queue',
  binding: 'message',
  outputs: new Map(),
  registered: { metadata: { name: 'sync-tenant', bindings: {} }, callback: () => undefined },
  queueName: 'outrider-sync',
  connection: 'AzureWebJobsStorage',
  binary: false,
} as const;

/** One instance of the app at its queue, with the host's batches and back-off, as function sync-tenant runs it. */
export function startInstance({
  time,
  queue,
  poison,
  options,
  sync,
  onRun,
}: {
  readonly time: VirtualTime;
  readonly queue: Queue;
  readonly poison: Queue;
  readonly options: QueueOptions;
  readonly sync: SyncDependencies;
  readonly onRun: (tenant: string, outcome: RunOutcome | 'thrown') => void;
}): QueueListener {
  return startQueueListener({
    fn: FUNCTION,
    queue,
    poison: { name: `${FUNCTION.queueName}-poison`, queue: poison },
    options,
    clock: { now: time.now, sleep: time.wait },
    random: sync.clock.random,
    log: () => {},
    invoker: {
      idle: async () => {},
      async invoke({ input }) {
        const tenantId = tenantOfMessage(input.string) ?? '';
        try {
          onRun(tenantId, await runSync(sync, { tenantId }));
          return { ok: true, response: {} };
        } catch (error) {
          onRun(tenantId, 'thrown');
          return { ok: false, error };
        }
      },
    },
  });
}
