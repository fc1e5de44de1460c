import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { createGraphHunting } from '../../../shared/clients/graph-hunting.ts';
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
import type { Reply } from '../../clients/fake-wire.ts';
import { onWire } from '../../clients/harness.ts';
import { createMemoryStore, type MemoryStore } from '../../support/memory-store.ts';
import { tenantWith } from '../../support/tenant-with.ts';
import { createHostQueue } from '../host-queue.ts';
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
  const { clock, wire, transport } = onWire(answer);
  const store = createMemoryStore({ now: clock.now });
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
  const queue = createHostQueue<string>({
    clock,
    store,
    visibleAgainMs: 120_000,
    messageOf: (text) => text,
    handle: (text, leave) => runHunt(dependencies(leave), text),
    poison: (text) => recordPoisonedHunt(direct, text),
  });

  return {
    clock,
    store,
    wire,
    events,
    dependencies,
    direct,
    request: (request: Partial<HuntRequest> = {}) =>
      clock.run(requestHunt(direct, { ...REQUEST, ...request })),
    /** Delivers messages until there are none, each to as many instances at once as told. */
    settle: ({ mostMs = 24 * 3_600_000, copies = 1 } = {}): Promise<void> =>
      queue.settle({ mostMs, copiesOf: () => copies }),
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
