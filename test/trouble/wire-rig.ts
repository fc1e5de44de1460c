import { gunzipSync } from 'node:zlib';
import { blobName, currentKey } from '../../shared/incidents/keys.ts';
import { type IncidentRecord, recordFrom } from '../../shared/incidents/records.ts';
import { type RunOutcome, runSync } from '../../shared/incidents/run.ts';
import { readState } from '../../shared/incidents/session.ts';
import { lowerBound, type SyncState } from '../../shared/incidents/state.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import type { PaddedTime } from '../../shared/time.ts';
import type { Reply } from '../clients/fake-wire.ts';
import { onWire, TENANT } from '../clients/harness.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { tenantWith } from '../support/tenant-with.ts';

const MINUTE = 60_000;
const MOST_RUNS = 200;
const EMPTY: Reply = { body: { value: [] } };

/** A request to one of Graph's lists. */
export interface ListRequest {
  readonly collection: 'incidents' | 'alerts_v2';
  /** Last updates from `from` on, and before `to` when the window is closed. */
  readonly from: string;
  readonly to: string | undefined;
  readonly url: string;
}

/** How a list answers; undefined is an empty page. */
export type Lists = (request: ListRequest) => Reply | undefined;

/** The real sync over the real Graph client, on a wire whose lists answer as told; a store in memory, virtual time. */
export function createWireRig(lists: Lists) {
  let answer = lists;
  const { wire, clock, graph } = onWire(({ url }) => reply(url));
  const store = createMemoryStore({ now: clock.now });
  const tenant = tenantWith({}, TENANT);
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const tenants = createConfiguredTenants([tenant]);
  const { table, blobs, queue } = store;
  const parts = { tenants, sourceFor: () => graph, table, blobs, queue, clock, log: silent };

  function reply(url: string): Reply {
    const headers = { date: new Date(clock.now()).toUTCString() };
    const said = answer(listRequest(url)) ?? EMPTY;
    if ('fault' in said || 'hangs' in said) return said;
    return { ...said, headers: { ...headers, ...said.headers } };
  }

  const rig = {
    tenant: TENANT,
    clock,
    /** Addresses that were asked, oldest first. */
    asked: () => wire.sent.map(({ url }) => url),
    /** From now on the lists answer so. */
    answerBy(next: Lists) {
      answer = next;
    },
    run: (): Promise<RunOutcome> => clock.run(runSync(parts, { tenantId: TENANT })),
    async settle(): Promise<void> {
      for (let runs = 0; runs < MOST_RUNS; runs++) {
        const outcome = await rig.run();
        clock.advance(MINUTE);
        if (outcome === 'done') return;
      }
      throw new Error(`the sync does not settle: ${JSON.stringify(await rig.state())}`);
    },
    async state(): Promise<SyncState> {
      const state = await readState(table, TENANT);
      if (!state) throw new Error('the tenant has no state');
      return state;
    },
    /** The stored current text of an incident. */
    async text(id: string): Promise<string | undefined> {
      const row = await table.get(TENANT, currentKey(id));
      const content = row && store.blob(blobName(TENANT, id, recordFrom(row).version));
      return content && gunzipSync(content).toString();
    },
    feed(): readonly IncidentRecord[] {
      return store
        .rows(TENANT)
        .filter(({ key }) => key.startsWith('x|'))
        .map(recordFrom);
    },
  };
  return rig;
}

/** The earliest last update of incidents, or of alerts, that some later run is still to look at. */
export function readsFrom(state: SyncState, kind: 'incidents' | 'alerts'): PaddedTime {
  const cursor = kind === 'incidents' ? state.head : state.alerts;
  if (!cursor) throw new Error('there is no watermark yet');
  const waiting = state.stretches.filter((stretch) => stretch.kind === kind && stretch.announce);
  return [lowerBound(cursor, state.overlapMs), ...waiting.map(({ from }) => from)].sort()[0] ?? '';
}

function listRequest(url: string): ListRequest {
  const { pathname, searchParams } = new URL(url);
  const filter = searchParams.get('$filter') ?? '';
  return {
    collection: pathname.endsWith('/alerts_v2') ? 'alerts_v2' : 'incidents',
    from: / ge (\S+)/.exec(filter)?.[1] ?? '',
    to: / lt (\S+)/.exec(filter)?.[1],
    url,
  };
}
