import { z } from 'zod';
import type { LogEntry } from '../runner/log.ts';
import type { World } from '../world.ts';
import type { ApiClient } from './api-client.ts';
import { readAppEvent } from './app-event.ts';
import type { SessionTenant } from './events.ts';

const eventSchema = z.object({
  event: z.literal('tenant.invitation'),
  action: z.literal('connected'),
  tenant: z.string(),
});

/** Notices that the directory which is no customer yet has become one. */
export interface JoinWatch {
  /** Reads from the app's log that it was connected. */
  read(entry: LogEntry): void;
  /** Asks the app whether it is a customer already, as kept storage may have it. Never rejects. */
  look(): Promise<void>;
}

export interface JoinWatchOptions {
  readonly prospect: World['prospect'];
  readonly client: Pick<ApiClient, 'tenant'>;
  /** Called once. */
  readonly onJoined: (tenant: SessionTenant, how: 'invitation' | 'kept') => void;
}

export function createJoinWatch({ prospect, client, onJoined }: JoinWatchOptions): JoinWatch {
  let hasJoined = false;

  async function ask(how: 'invitation' | 'kept'): Promise<void> {
    // An app that does not know it answers with an error.
    const answer = await client.tenant(prospect.id).catch(() => undefined);
    if (hasJoined || answer?.state !== 'active') return;
    hasJoined = true;
    // There is one app in the lab that it can have consented to: Outrider's own.
    onJoined({ ...prospect, api: answer.api, credential: 'federated' }, how);
  }

  return {
    read({ message }) {
      if (!hasJoined && readAppEvent(eventSchema, message)?.tenant === prospect.id) void ask('invitation');
    },
    look: () => ask('kept'),
  };
}
