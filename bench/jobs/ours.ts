import { createGraphIncidents } from '../../shared/clients/graph-incidents.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { systemClock } from '../../shared/clock.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { createTurns } from '../../shared/concurrency.ts';
import { runSync, type SyncDependencies } from '../../shared/incidents/run.ts';
import { readState } from '../../shared/incidents/session.ts';
import type { SyncState } from '../../shared/incidents/state.ts';
import { createBlobStore } from '../../shared/state/blob-store.ts';
import { createTableStore } from '../../shared/state/table-store.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import type { DataSet } from '../stand-in/incidents.ts';
import type { Addresses } from '../stand-in/start.ts';
import { benchTenant } from '../tenant.ts';

const ENDLESS_MS = 3_600_000;
const NO_LIMIT = [{ calls: Number.POSITIVE_INFINITY, ms: 1 }];

/** The product's sync on real sockets, with its own clients and adapters; only quota, budget and queue are the bench's. */
export interface Product {
  readonly messages: string[];
  /** Runs a tenant's sync once. */
  sync(tenantId: string): Promise<void>;
  /** @throws Error where the tenant's first load is not done */
  loaded(tenantId: string): Promise<SyncState>;
}

export function createProduct({
  addresses,
  dataSet,
  tenantIds,
}: {
  readonly addresses: Addresses;
  readonly dataSet: DataSet;
  readonly tenantIds: readonly string[];
}): Product {
  const { global } = CLOUDS;
  const cloud = {
    ...global,
    resources: { ...global.resources, graph: { ...global.resources.graph, origin: addresses.graph } },
  };
  const transport = createTransport({
    getToken: async () => dataSet,
    clock: systemClock,
    version: 'bench',
    pace: createPace({
      clock: systemClock,
      limits: { 'graph.security': NO_LIMIT, 'xdr.incidents': NO_LIMIT },
    }),
  });
  const credential = {
    getToken: async () => ({ token: addresses.token, expiresOnTimestamp: Date.now() + ENDLESS_MS }),
  };
  const source = createGraphIncidents({ transport, cloud });
  const messages: string[] = [];
  const log = (event: string, fields?: object): void => console.error(event, JSON.stringify(fields));
  const dependencies: SyncDependencies = {
    tenants: createConfiguredTenants(tenantIds.map(tenantWith)),
    sourceFor: () => source,
    table: createTableStore({ uri: addresses.table, table: 'OutriderIncidents', credential }),
    blobs: createBlobStore({ uri: addresses.blob, container: 'outrider-incidents', credential }),
    queue: { send: async (text) => void messages.push(text) },
    clock: systemClock,
    log: { info: () => {}, warn: log, error: log },
    budgetMs: ENDLESS_MS,
    // As in shared/app.ts.
    largeTurns: createTurns(3),
  };
  return {
    messages,
    async sync(tenantId) {
      const outcome = await runSync(dependencies, { tenantId });
      if (outcome !== 'done') throw new Error(`the run of ${tenantId} ended ${outcome}`);
    },
    async loaded(tenantId) {
      const state = await readState(dependencies.table, tenantId);
      if (state?.firstLoad?.doneMs === undefined)
        throw new Error(`the first load of ${tenantId} is not done`);
      return state;
    },
  };
}

/** Under a legal hold, so that the day's retention, which is no part of a first load, is not measured with it. */
const tenantWith = (id: string): Tenant => benchTenant(id, { kind: 'managedIdentity' }, true);
