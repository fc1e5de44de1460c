import type { Cloud } from '../cloud.ts';
import { createRandom } from '../defender/random.ts';
import type { OnEvent, SessionTenant, StreamChange } from './events.ts';
import { followLog } from './follow-log.ts';
import { createMilestones } from './milestones.ts';
import type { Roster } from './roster.ts';
import { pause, runStream } from './stream.ts';
import type { SyncWatch } from './sync-watch.ts';

const TICK_MS = 250;

/** What goes on beside the app: watching it, and changing incidents. */
export function startWork(parts: {
  readonly cloud: Cloud;
  readonly tenants: Roster;
  readonly watch: SyncWatch | undefined;
  readonly seed: number;
  /** Whether incidents change. */
  readonly stream: boolean;
  readonly onEvent: OnEvent;
}): { readonly broken: Promise<Error>; stop(): void } {
  const { cloud, tenants, watch, seed } = parts;
  const ending = new AbortController();
  const { signal } = ending;
  const onEvent: OnEvent = (event) => {
    if (!signal.aborted) parts.onEvent(event);
  };
  const onChange = (tenant: SessionTenant, change: StreamChange): void => {
    watch?.expect(tenant, change);
    onEvent({ kind: 'changed', at: Date.now(), tenant, change });
  };
  const stream = async (): Promise<void> => {
    if (!parts.stream) return;
    await watch?.settled;
    const random = createRandom(seed).fork('stream');
    await runStream({ defender: cloud.defender, tenants, random, signal, onChange });
  };
  const jobs = [watchCloud({ cloud, tenants, watch, onEvent, signal }), stream()];
  const broken = Promise.withResolvers<Error>();
  for (const job of jobs) {
    job.catch((error: unknown) => broken.resolve(error instanceof Error ? error : new Error(String(error))));
  }
  return {
    broken: broken.promise,
    // A question to the app that is under way ends with the app.
    stop: () => ending.abort(),
  };
}

async function watchCloud(parts: {
  readonly cloud: Cloud;
  readonly tenants: Roster;
  readonly watch: SyncWatch | undefined;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { cloud, tenants, watch, onEvent, signal } = parts;
  const newRequests = followLog(cloud.log);
  const milestones = createMilestones({ world: cloud.world, tenants });
  const told = new Set<string>();
  while (await pause(TICK_MS, signal)) {
    const requests = newRequests();
    for (const event of milestones(requests, Date.now())) onEvent(event);
    for (const { target } of cloud.refused()) {
      if (told.has(target)) continue;
      told.add(target);
      onEvent({ kind: 'refused', at: Date.now(), target });
    }
    void watch?.tick(requests);
  }
}
