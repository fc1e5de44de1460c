import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { createGraphHunting } from '../../../shared/clients/graph-hunting.ts';
import { createPace } from '../../../shared/clients/pace.ts';
import { createTransport } from '../../../shared/clients/transport.ts';
import { createXdrHunting } from '../../../shared/clients/xdr-hunting.ts';
import { CLOUDS } from '../../../shared/clouds.ts';
import { createQuota } from '../../../shared/hunting/quota/stored-quota.ts';
import type { RunDependencies } from '../../../shared/hunting/run/dependencies.ts';
import { recordPoisonedHunt } from '../../../shared/hunting/run/poisoned.ts';
import { readRows, readRun, readRunState } from '../../../shared/hunting/run/read.ts';
import { requestHunt } from '../../../shared/hunting/run/request.ts';
import { runHunt } from '../../../shared/hunting/run/run.ts';
import type { HuntRequest } from '../../../shared/hunting/run/types.ts';
import type { LogFields } from '../../../shared/log.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { createFakeWire, type Reply } from '../../clients/fake-wire.ts';
import { createVirtualClock } from '../../clients/virtual-clock.ts';
import { createMemoryStore, type MemoryStore } from '../../support/memory-store.ts';
import { tenantWith } from '../../support/tenant-with.ts';
import { CHECK, QUERY } from './model-service.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';

const tenant = (enabled = true): Tenant => ({ ...tenantWith({}, TENANT), enabled });

export const REQUEST: HuntRequest = {
  tenant: TENANT,
  text: QUERY,
  check: CHECK,
  origin: 'adhoc',
  askedBy: 'somebody',
};

/** Ports between the run and the outside, which a test may wrap. */
export type Ports = Pick<MemoryStore, 'table' | 'blobs' | 'queue'>;

const VISIBLE_AGAIN_MS = 120_000;
const MOST_DELIVERIES = 5;

interface Delivery {
  readonly text: string;
  readonly atMs: number;
  readonly count: number;
}

/** A deployment in virtual time: storage in memory, the queue with redelivery and poison, one tenant, a wire. */
export function createHuntRig(
  answer: (request: PipelineRequest, index: number) => Reply | Promise<Reply>,
  {
    wrap = (ports) => ports,
    legacy = false,
    enabled = true,
    budgetMs,
  }: {
    /** For each invocation; `leave` is for a port that never answers: the instance that waits for it is gone. */
    readonly wrap?: (ports: Ports, leave: () => void) => Ports;
    readonly legacy?: boolean;
    readonly enabled?: boolean;
    readonly budgetMs?: number;
  } = {},
) {
  const clock = createVirtualClock();
  const store = createMemoryStore({ now: clock.now });
  const wire = createFakeWire(answer);
  const transport = createTransport({
    getToken: async () => 'token',
    clock,
    version: '1.2.3',
    pace: createPace({ clock }),
    httpClient: wire,
  });
  const source = (legacy ? createXdrHunting : createGraphHunting)({ transport, clock, cloud: CLOUDS.global });
  const events: { event: string; fields: LogFields | undefined }[] = [];
  const log = (event: string, fields?: LogFields): void => {
    events.push({ event, fields });
  };
  const dependencies = (leave = () => {}): RunDependencies => {
    const ports = wrap({ table: store.table, blobs: store.blobs, queue: store.queue }, leave);
    return {
      ...ports,
      clock,
      log: { info: log, warn: log, error: log },
      tenants: {
        list: async () => [tenant(enabled)],
        get: async (id) => (id === TENANT ? tenant(enabled) : undefined),
      },
      sourceFor: () => source,
      // An instance of its own for each invocation, as in a fleet.
      quota: createQuota({ table: ports.table, clock }),
      ...(budgetMs === undefined ? {} : { budgetMs }),
    };
  };
  const direct: RunDependencies = {
    ...dependencies(),
    table: store.table,
    blobs: store.blobs,
    queue: store.queue,
  };
  const pending: Delivery[] = [];
  let taken = 0;

  function collect(): void {
    for (; taken < store.messages.length; taken += 1) {
      const { text, delaySeconds } = store.messages[taken] ?? { text: '', delaySeconds: 0 };
      pending.push({ text, atMs: clock.now() + delaySeconds * 1_000, count: 1 });
    }
  }

  async function deliver({ text, count }: Delivery): Promise<void> {
    try {
      const { promise: left, resolve: leave } = Promise.withResolvers<'left'>();
      const run = runHunt(
        dependencies(() => leave('left')),
        text,
      );
      if ((await Promise.race([run, left])) !== 'left') return;
    } catch {}
    if (count < MOST_DELIVERIES)
      pending.push({ text, atMs: clock.now() + VISIBLE_AGAIN_MS, count: count + 1 });
    else await recordPoisonedHunt(direct, text);
  }

  return {
    clock,
    store,
    wire,
    events,
    dependencies,
    direct,
    request: (request: Partial<HuntRequest> = {}) =>
      clock.run(requestHunt(direct, { ...REQUEST, ...request })),
    /**
     * Delivers messages until there are none, each to as many instances at once as told; the latest time is a bound
     * for a run that does not end.
     */
    async settle({ mostMs = 24 * 3_600_000, copies = 1 } = {}): Promise<void> {
      const untilMs = clock.now() + mostMs;
      for (collect(); pending.length > 0; collect()) {
        pending.sort((a, b) => a.atMs - b.atMs);
        const next = pending.shift();
        if (!next) return;
        if (next.atMs > untilMs) throw new Error('messages go on and on');
        clock.advance(Math.max(0, next.atMs - clock.now()));
        await clock.run(Promise.all(Array.from({ length: copies }, () => deliver(next))));
      }
    },
    /** What its row says, without the blobs beside it. */
    state: (id: string) => readRunState(direct, { tenant: TENANT, run: id }),
    run: (id: string) => readRun(direct, { tenant: TENANT, run: id }),
    async rows(id: string, range: { from?: number; count?: number } = {}): Promise<string[]> {
      const pages: (readonly string[])[] = [];
      for await (const some of readRows(direct, { tenant: TENANT, run: id, ...range })) pages.push(some);
      return pages.flat();
    },
  };
}
