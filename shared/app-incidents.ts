import type { AsUser } from './app-users.ts';
import { createGraphIncidentUpdate } from './clients/graph-incident-update.ts';
import type { Transport } from './clients/transport.ts';
import { createXdrIncidentUpdate } from './clients/xdr-incident-update.ts';
import { xdrToGraph } from './clients/xdr-to-graph.ts';
import type { Clock } from './clock.ts';
import type { Cloud } from './clouds.ts';
import { type IncidentList, listIncidents } from './incidents/list-incidents.ts';
import type { IncidentChange, ReceivedIncident } from './incidents/ports.ts';
import {
  type IncidentKey,
  readIncident,
  readVersion,
  readVersions,
  type StoredIncident,
  type StoredVersion,
} from './incidents/read-incident.ts';
import { requestRun } from './incidents/request-run.ts';
import { readState } from './incidents/session.ts';
import { type SyncStatus, statusOf } from './incidents/status.ts';
import { updateIncident } from './incidents/update.ts';
import { incidentText, liveIncidentText } from './incidents/view.ts';
import type { WakeUp } from './incidents/wake-up.ts';
import type { Log } from './log.ts';
import type { BlobStore, TableStore } from './storage.ts';
import type { Tenant, UserAssertion } from './tenant.ts';

/** What functions call of incidents. */
export interface Incidents {
  list(query: Parameters<typeof listIncidents>[1]): Promise<IncidentList>;
  get(key: IncidentKey): Promise<StoredIncident | undefined>;
  versions(key: IncidentKey): Promise<readonly StoredVersion[] | undefined>;
  version(key: IncidentKey, version: string): Promise<StoredIncident | undefined>;
  text(found: StoredIncident, tenant: string, shape: 'graph' | 'source'): string;
  /** The text of an incident that has just come from the service. */
  liveText(found: ReceivedIncident, how: Parameters<typeof liveIncidentText>[1]): string;
  /** Changes an incident at the service, in the user's name where there is an assertion, and asks for a sync. */
  update(log: Log, order: IncidentOrder): Promise<ReceivedIncident | undefined>;
  status(tenant: Tenant): Promise<SyncStatus>;
  requestRun(tenant: Tenant): Promise<string>;
}

export interface IncidentOrder {
  readonly tenant: Tenant;
  readonly id: string;
  readonly change: IncidentChange;
  readonly assertion?: UserAssertion;
}

export interface IncidentsOptions {
  /** Called on first use, so that a fault in a setting stops only what needs it. */
  readonly table: () => TableStore;
  readonly blobs: () => BlobStore;
  readonly wakeUp: () => WakeUp;
  readonly transport: () => Transport;
  readonly asUser: AsUser;
  readonly cloud: Cloud;
  readonly clock: Clock;
}

/** The incidents part of the composition root. Nothing is built until it is asked for. */
export function createIncidents({
  table,
  blobs,
  wakeUp,
  transport,
  asUser,
  cloud,
  clock,
}: IncidentsOptions): Incidents {
  const toGraph = (text: string, tenantId: string) =>
    xdrToGraph(parseWithExactIds(text), { tenantId, portal: cloud.portal });
  const askForRun = async (tenant: Tenant): Promise<string> =>
    requestRun({ table: table(), blobs: blobs(), clock, wakeUp: wakeUp() }, tenant);

  function updaterFor(tenant: Tenant, assertion: UserAssertion | undefined) {
    if (assertion) return asUser(tenant, assertion).updater;
    const create = tenant.api === 'xdr' ? createXdrIncidentUpdate : createGraphIncidentUpdate;
    return create({ transport: transport(), cloud });
  }

  return {
    list: (query) => listIncidents(table(), query),
    get: (key) => readIncident({ table: table(), blobs: blobs() }, key),
    versions: (key) => readVersions(table(), key),
    version: (key, wanted) => readVersion({ table: table(), blobs: blobs() }, key, wanted),
    text: (found, tenant, shape) => incidentText(found, tenant, shape, toGraph),
    liveText: (found, how) => liveIncidentText(found, how, toGraph),
    async update(log, { tenant, id, change, assertion }) {
      const updater = updaterFor(tenant, assertion);
      const dependencies = { updater, requestRun: () => askForRun(tenant), log };
      return updateIncident(dependencies, { tenant: tenant.id, id, change });
    },
    status: async ({ id, generation }) => statusOf(id, await readState(table(), id, generation), clock.now()),
    requestRun: askForRun,
  };
}

const LONG_NUMBER = /\d{16}/;

/** An incident of the Defender XDR API, parsed; ids beyond 2^53 as text, where a number would be another id. */
function parseWithExactIds(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown, context?: { readonly source?: string }) => {
    const isInexactId = /incidentId$/i.test(key) && typeof value === 'number' && !Number.isSafeInteger(value);
    return isInexactId ? (context?.source ?? value) : value;
  });
}
