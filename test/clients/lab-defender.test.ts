import { beforeAll, describe, expect, it } from 'vitest';
import { xdrToGraph } from '../../shared/clients/xdr-to-graph.ts';
import { paddedFromMs } from '../../shared/time.ts';
import { type GraphContract, loadGraphContract } from '../contract/graph-contract.ts';
import { START_MS } from '../support/jumping-clock.ts';
import { all, failureOf } from './harness.ts';
import { labClients } from './lab-wire.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const OTHER = '99999999-2222-4333-8444-555555555555';
const WINDOW = { from: paddedFromMs(START_MS - 86_400_000) };

let contract: GraphContract;
beforeAll(async () => {
  contract = await loadGraphContract();
});

/** A lab with so many incidents of a tenant, a second apart, and one of another tenant. */
function withIncidents(count: number, ...options: Parameters<typeof labClients>) {
  const lab = labClients(...options);
  const tenant = lab.defender.tenant(TENANT);
  for (let index = 0; index < count; index += 1) {
    lab.clock.advance(1_000);
    tenant.createIncident({ alerts: [{ title: `alert ${index}` }] });
  }
  lab.defender.tenant(OTHER).createIncident();
  lab.clock.advance(1_000);
  return { ...lab, tenant };
}

const idsOf = (pages: readonly { readonly items: readonly { readonly id: string }[] }[]): string[] =>
  pages.flatMap(({ items }) => items.map(({ id }) => id)).sort();

describe.each([
  ['graph', 'skip'],
  ['graph', 'token'],
  ['xdr', 'skip'],
] as const)('incidents of the lab by %s, links by %s', (family, links) => {
  const read = { tenant: TENANT, window: WINDOW, withAlerts: true };

  it.each([{}, { linkAfterFullPage: true, xdrNextLink: true }])(
    'come whole, of one tenant only: %o',
    async (settings) => {
      const { clock, tenant, sent, ...sources } = withIncidents(120, { links, ...settings });
      const pages = await clock.run(all(sources[family].incidentPages({ ...read, top: 40 })));
      expect(idsOf(pages)).toEqual(
        tenant
          .list()
          .map(({ id }) => id)
          .sort(),
      );
      expect(pages.every(({ items }) => items.every(({ alertCount }) => alertCount === 1))).toBe(true);
      expect(pages.map(({ hasMore }) => hasMore).at(-1)).toBe(false);
      expect(sent.length).toBeGreaterThanOrEqual(3);
      expect(sent.length).toBeLessThanOrEqual(4);
    },
  );

  it('lie in the window that was asked for, its lower bound in it, its upper one not', async () => {
    const { clock, tenant, ...sources } = withIncidents(10, { links });
    const times = tenant.list().map(({ lastUpdateDateTime }) => lastUpdateDateTime);
    const window = { from: times[3] ?? '', to: times[7] ?? '' };
    const pages = await clock.run(all(sources[family].incidentPages({ ...read, window, top: 50 })));
    expect(idsOf(pages)).toEqual(
      tenant
        .list()
        .slice(3, 7)
        .map(({ id }) => id)
        .sort(),
    );
  });

  it('are all there that stay, though new ones arrive between the pages', async () => {
    const { clock, tenant, ...sources } = withIncidents(60, { links, pageShift: 'arrive' });
    const before = tenant.list().map(({ id }) => id);
    const pages = await clock.run(all(sources[family].incidentPages({ ...read, top: 20 })));
    expect(idsOf(pages)).toEqual(expect.arrayContaining(before));
  });

  it('are read one by one, and not known under the name of another tenant', async () => {
    const { clock, tenant, ...sources } = withIncidents(1, { links });
    const [only] = tenant.list();
    const id = only?.id ?? '';
    const { incident } = await clock.run(sources[family].incident({ tenant: TENANT, id }));
    expect(incident).toMatchObject({ id, alertCount: 1, lastUpdate: only?.lastUpdateDateTime });
    const elsewhere = await clock.run(sources[family].incident({ tenant: OTHER, id }));
    expect(elsewhere.incident).toBeUndefined();
  });

  it('are refused with the name of the role that is missing', async () => {
    const { clock, ...sources } = withIncidents(1, { links }, []);
    const reading = all(sources[family].incidentPages({ ...read, top: 1 }));
    const error = await failureOf(clock.run(reading), 'upstream.forbidden');
    expect(error.message).toContain(family === 'graph' ? 'SecurityIncident.Read.All' : 'Incident.Read.All');
    expect(error.facts.trackingId).toEqual(expect.any(String));
  });
});

describe('Graph in the lab', () => {
  it('gets only what the contract allows, and answers so', async () => {
    const { clock, graph, sent, tenant } = withIncidents(60);
    await clock.run(all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true })));
    await clock.run(all(graph.alertPages?.({ tenant: TENANT, window: WINDOW, top: 50 }) ?? []));
    await clock.run(graph.incident({ tenant: TENANT, id: tenant.list()[0]?.id ?? '' }));
    expect(sent.length).toBe(5);
    expect(sent.flatMap((request) => contract.checkRequest(request))).toEqual([]);
  });

  it('gives alerts in pages of their own, which come together', async () => {
    const { clock, graph, sent, tenant } = withIncidents(2, { expand: 'paged', expandAlertLimit: 20 });
    const big = tenant.list()[0]?.id ?? '';
    tenant.addAlerts(
      big,
      Array.from({ length: 70 }, () => ({})),
    );
    clock.advance(1_000);
    const pages = await clock.run(
      all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true })),
    );
    const item = pages[0]?.items.find(({ id }) => id === big);
    expect(item?.alertCount).toBe(71);
    const alerts: { readonly id: string }[] = JSON.parse(item?.text ?? '').alerts;
    expect(new Set(alerts.map(({ id }) => id))).toEqual(new Set(tenant.get(big)?.alerts.map(({ id }) => id)));
    expect(item?.text).not.toContain('alerts@odata.nextLink');
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.flatMap((request) => contract.checkRequest(request))).toEqual([]);
  });

  it('fails to expand with an error that says so, after trying again', async () => {
    const { clock, graph, sent, tenant } = withIncidents(1, {
      expand: 'fail',
      expandAlertLimit: 20,
      expandFailStatus: 504,
    });
    tenant.addAlerts(
      tenant.list()[0]?.id ?? '',
      Array.from({ length: 30 }, () => ({})),
    );
    clock.advance(1_000);
    const reading = all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true }));
    const error = await failureOf(clock.run(reading), 'upstream.unavailable');
    expect(error.facts.status).toBe(504);
    expect(sent).toHaveLength(5);
    const plain = await clock.run(
      all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: false })),
    );
    expect(plain[0]?.items[0]?.alertCount).toBeUndefined();
  });

  it.each([400, 410] as const)('lets a link die with %i', async (expiredTokenStatus) => {
    const { clock, graph } = withIncidents(60, { links: 'token', tokenLifeMs: 60_000, expiredTokenStatus });
    const pages = graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 20, withAlerts: false });
    const reading = (async () => {
      for await (const _page of pages) clock.advance(120_000);
    })();
    await failureOf(clock.run(reading), 'upstream.link_expired');
  });

  it('is never asked so often that it says 429', async () => {
    const { clock, graph, sent, defender } = withIncidents(2);
    const tenant = defender.tenant(TENANT);
    let refused = 0;
    await clock.run(async () => {
      for (let call = 0; call < 400; call += 1) {
        await graph
          .incident({ tenant: TENANT, id: tenant.list()[0]?.id ?? '', onCall: () => {} })
          .catch(() => {
            refused += 1;
          });
      }
    });
    expect(refused).toBe(0);
    expect(sent).toHaveLength(400);
    expect(clock.now() - START_MS).toBeGreaterThan(3 * 60_000);
  });

  it('is left alone as long as it asks for, when others have used the quota up', async () => {
    const { clock, graph, sent } = withIncidents(1, { graphCallsPerMinute: 3 });
    const read = () => clock.run(graph.incident({ tenant: TENANT, id: '1' }));
    for (let call = 0; call < 3; call += 1) await read();
    clock.advance(20_000);
    const started = clock.now();
    await read();
    expect(clock.now() - started).toBe(40_000);
    expect(sent).toHaveLength(5);
  });
});

describe('the Defender XDR API in the lab', () => {
  it('gives incidents that are valid in the shape of Graph', async () => {
    const { clock, xdr, defender } = withIncidents(1);
    const { generator } = defender.tenant(TENANT);
    for (let index = 0; index < 40; index += 1) {
      clock.advance(60_000);
      generator.arrive();
    }
    clock.advance(1_000);
    const pages = await clock.run(
      all(xdr.incidentPages({ tenant: TENANT, window: WINDOW, top: 100, withAlerts: true })),
    );
    const items = pages.flatMap((page) => page.items);
    expect(items).toHaveLength(41);
    const value = items.map(({ text, id }) =>
      xdrToGraph(JSON.parse(text), { tenantId: TENANT, portal: 'https://security.microsoft.com', id }),
    );
    const request = {
      method: 'GET',
      url: 'https://graph.microsoft.com/v1.0/security/incidents',
      headers: { prefer: 'include-unknown-enum-members' },
    };
    const headers = { 'content-type': 'application/json' };
    const answer = { status: 200, headers, text: JSON.stringify({ value }) };
    expect(contract.checkResponse(request, answer)).toEqual([]);
    const truth = new Map(
      defender
        .tenant(TENANT)
        .list()
        .map((incident) => [incident.id, incident]),
    );
    for (const converted of value) {
      const original = truth.get(converted.id);
      expect(converted).toMatchObject({
        severity: original?.severity,
        classification: original?.classification,
        determination: original?.determination,
        displayName: original?.displayName,
        lastUpdateDateTime: original?.lastUpdateDateTime,
      });
    }
  });

  it('is left alone until the moment that its words name, when no Retry-After comes', async () => {
    const { clock, xdr, sent } = withIncidents(1, { xdrListCallsPerMinute: 1, xdrRetryAfter: false });
    const started = clock.now();
    for (let call = 0; call < 2; call += 1) {
      await clock
        .run(all(xdr.incidentPages({ tenant: TENANT, window: WINDOW, top: 10, withAlerts: true })))
        .catch((error) =>
          expect(error).toMatchObject({ code: 'upstream.throttled', facts: { retryAfterMs: 60_000 } }),
        );
    }
    expect(sent).toHaveLength(2);
    expect(clock.now()).toBe(started);
  });
});

it('joins the alerts that the list of alerts names an incident for, when it cannot be expanded', async () => {
  const { clock, tenant, graph } = withIncidents(3, { expand: 'fail', expandAlertLimit: 0 });
  const wanted = tenant.list()[1]?.id ?? '';
  tenant.addAlerts(wanted, [{ title: 'second' }, { title: 'third' }]);
  clock.advance(1_000);
  await clock.run(failureOf(graph.incident({ tenant: TENANT, id: wanted }), 'upstream.unavailable'));
  const { incident } = await clock.run(graph.incident({ tenant: TENANT, id: wanted, withAlerts: false }));
  if (!incident || !graph.joinAlerts) throw new Error('no incident to join alerts to');
  const joined = await clock.run(graph.joinAlerts({ tenant: TENANT, incident }));
  expect(joined).toMatchObject({ alertCount: 3, alertsJoined: true });
  const titles = JSON.parse(joined.text).alerts.map(({ title }: { title: string }) => title);
  expect(titles.sort()).toEqual(['alert 1', 'second', 'third']);
});

it('gives an XDR incident that is too large to be read without its alerts, and the others whole', async () => {
  const { clock, tenant, xdr } = withIncidents(3, {}, undefined, { maxBytes: 100_000 });
  const giant = tenant.list()[1]?.id ?? '';
  const comment = 'not the member, "alerts": [ is what the comment says';
  tenant.addComment(giant, comment, 'analyst@contoso.example');
  tenant.addAlerts(
    giant,
    Array.from({ length: 300 }, (_, n) => ({ title: `alert ${n}`, description: 'long '.repeat(100) })),
  );
  clock.advance(1_000);
  const read = { tenant: TENANT, window: WINDOW, withAlerts: true };
  await clock.run(failureOf(all(xdr.incidentPages({ ...read, top: 50 })), 'upstream.too_large'));
  const pages = await clock.run(all(xdr.incidentPages({ ...read, top: 1 })));
  const items = pages.flatMap((page) => page.items);
  expect(new Set(items.map(({ id }) => id)).size).toBe(3);
  const cut = items.find(({ id }) => id === giant);
  expect(cut).toMatchObject({ alertCount: undefined, lastUpdate: expect.any(String) });
  expect(JSON.parse(cut?.text ?? '')).toMatchObject({ incidentId: Number(giant), comments: [{ comment }] });
  expect(items.filter(({ alertCount }) => alertCount === 1)).toHaveLength(2);
});
