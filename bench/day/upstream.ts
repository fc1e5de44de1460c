import { createPace } from '../../shared/clients/pace.ts';
import type { Clock } from '../../shared/clock.ts';
import type { IncidentSource, Page } from '../../shared/incidents/ports.ts';
import type { Tenant } from '../../shared/tenant.ts';
import type { ModelSource } from '../../test/support/model-source.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Milliseconds that the service takes to answer. */
const TAKES = { list: 400, incident: 200 } as const;

/** When each tenant's calls were sent, whichever instance sent them. */
export type CallLog = Map<string, number[]>;

/** The live lists as one instance of the app sees them: through the product's pace, each answer with its delay. */
export function createUpstream(
  models: ReadonlyMap<string, ModelSource>,
  time: VirtualTime,
  clock: Clock,
  calls: CallLog,
): (tenant: Tenant) => IncidentSource {
  const pace = createPace({ clock });

  async function send({ id: tenant, api }: Tenant, takesMs: number): Promise<void> {
    await pace.take({ tenant, family: api === 'graph' ? 'graph.security' : 'xdr.incidents' });
    const sent = calls.get(tenant) ?? [];
    calls.set(tenant, sent);
    sent.push(time.now());
    await time.wait(takesMs);
  }

  async function* paced<Item>(tenant: Tenant, pages: AsyncIterable<Page<Item>>): AsyncGenerator<Page<Item>> {
    const iterator = pages[Symbol.asyncIterator]();
    for (;;) {
      await send(tenant, TAKES.list);
      const { value, done } = await iterator.next();
      if (done) return;
      yield value;
      if (!value.hasMore) return;
    }
  }

  return (tenant) => {
    const model = models.get(tenant.id);
    if (!model) throw new Error(`no list for tenant ${tenant.id}`);
    const { family, maxTop, alertPages } = model;
    return {
      family,
      maxTop,
      incidentPages: (query) => paced(tenant, model.incidentPages(query)),
      async incident(query) {
        await send(tenant, TAKES.incident);
        return model.incident(query);
      },
      // The Defender XDR API has no list of alerts.
      ...(family === 'graph' && alertPages
        ? { alertPages: (query) => paced(tenant, alertPages(query)) }
        : undefined),
    };
  };
}

/** The most calls that one of these tenants got in any span of so many milliseconds. */
export function mostWithin(ms: number, tenants: readonly string[], calls: CallLog): number {
  let most = 0;
  for (const tenant of tenants) {
    const sent = calls.get(tenant) ?? [];
    let first = 0;
    for (const [index, at] of sent.entries()) {
      while ((sent[first] ?? at) <= at - ms) first++;
      most = Math.max(most, index - first + 1);
    }
  }
  return most;
}
