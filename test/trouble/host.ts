import { QueueServiceClient } from '@azure/storage-queue';
import { createManagedIdentity, tokenCredentialOf } from '../../shared/auth/managed-identity.ts';
import { requirePart } from '../../shared/config.ts';
import type { SyncStatus } from '../../shared/incidents/status.ts';
import { advance, hurriedClock } from '../e2e/moving-time.ts';
import type { SyncLab } from '../e2e/sync-lab.ts';

const MINUTE = 60_000;
/** So often the timer looks; a tenant is due each time. More often would only cost the test time. */
export const TICK_MINUTES = 15;

/** Plays the Functions host in the lab's time: the timer, and what the sync queue brings, each message once. */
export interface Host {
  /** Lets the minutes pass; at each tick whoever is due is synced. `each` is called after that. */
  pass(minutes: number, each?: () => Promise<void>): Promise<void>;
  /** A tenant's sync as its callers see it. */
  status(tenant: string): Promise<SyncStatus>;
}

export function createHost({ cloud, outrider, log }: SyncLab): Host {
  const { queueUri, queueIdentityClientId } = requirePart(outrider.config, 'storage');
  const identity = createManagedIdentity({ clientId: queueIdentityClientId, clock: hurriedClock });
  const queue = new QueueServiceClient(queueUri, tokenCredentialOf(identity)).getQueueClient('outrider-sync');
  let last: number | undefined;

  async function handleAll(): Promise<void> {
    for (;;) {
      const { receivedMessageItems: messages } = await queue.receiveMessages({ numberOfMessages: 32 });
      if (messages.length === 0) return;
      await Promise.all(
        messages.map(async ({ messageId, messageText, popReceipt }) => {
          await outrider.syncFromMessage(log, JSON.parse(messageText), messageId);
          await queue.deleteMessage(messageId, popReceipt);
        }),
      );
    }
  }

  return {
    async pass(minutes, each = async () => {}) {
      for (let passed = 0; passed < minutes; passed += TICK_MINUTES) {
        advance(TICK_MINUTES * MINUTE);
        const now = hurriedClock.now();
        await outrider.enqueueDue(log, last ?? now - TICK_MINUTES * MINUTE);
        last = now;
        await handleAll();
        await each();
      }
    },
    status: async (tenant) => {
      if (!cloud.world.tenants.some(({ id }) => id === tenant)) throw new Error(`no tenant ${tenant}`);
      return outrider.incidents.status(await outrider.tenant(tenant));
    },
  };
}
