import { describe, expect, it } from 'vitest';
import { all, DATE, failureOf, onWire, TENANT, WINDOW } from './harness.ts';

const list = 'https://graph.microsoft.com/v1.0/security/incidents';

function incidentText(id: string, more = ''): string {
  return `{"id":"${id}","status":"active","severity":"high","displayName":"Title ${id}","createdDateTime":"2026-11-20T10:00:00Z","lastUpdateDateTime":"2026-11-20T10:00:00.5Z"${more}}`;
}

const page = (items: readonly string[], link?: string): string =>
  `{"value":[${items.join(',')}]${link === undefined ? '' : `,"@odata.nextLink":${JSON.stringify(link)}`}}`;

describe('the list of incidents', () => {
  it('asks by an encoded filter, with all enum members and alerts, and never orders', async () => {
    const { graph, wire, clock } = onWire({ body: page([]), headers: DATE });
    const window = { ...WINDOW, to: '2026-11-21T00:00:00.0000000Z' };
    await clock.run(all(graph.incidentPages({ tenant: TENANT, window, top: 500, withAlerts: true })));
    const [sent] = wire.sent;
    const url = new URL(sent?.url ?? '');
    expect(url.origin + url.pathname).toBe(list);
    expect(sent?.url).not.toMatch(/[ ']/);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      $filter:
        'lastUpdateDateTime ge 2026-11-20T00:00:00.1234567Z and lastUpdateDateTime lt 2026-11-21T00:00:00.0000000Z',
      $top: '50',
      $expand: 'alerts',
    });
    expect(sent?.headers).toMatchObject({
      prefer: 'include-unknown-enum-members',
      authorization: `Bearer token of ${TENANT} for graph`,
    });
  });

  it('gives each incident as it was sent, with what the sync reads', async () => {
    const text = incidentText(
      '7',
      ', "assignedTo":null,\n "redirectIncidentId":"8","n":1.0,"alerts":[{"id":"a"}]',
    );
    const { graph, clock } = onWire({ body: page([text]), headers: DATE });
    const [only] = await clock.run(
      all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true })),
    );
    expect(only).toEqual({
      serviceTime: '2026-11-21T12:00:00.0000000Z',
      hasMore: false,
      bytes: Buffer.byteLength(page([text])),
      items: [
        {
          id: '7',
          family: 'graph',
          text,
          lastUpdate: '2026-11-20T10:00:00.5000000Z',
          created: '2026-11-20T10:00:00.0000000Z',
          status: 'active',
          severity: 'high',
          title: 'Title 7',
          assignedTo: undefined,
          classification: undefined,
          determination: undefined,
          webUrl: undefined,
          redirectTo: '8',
          alertCount: 1,
        },
      ],
    });
  });

  it('follows links, over an empty page too, and stops at the last', async () => {
    const { graph, wire, clock } = onWire([
      { body: page([incidentText('1')], `${list}?$skip=1`) },
      { body: page([], `${list}?$skip=2`) },
      { body: page([incidentText('2')]) },
    ]);
    const pages = await clock.run(
      all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 1, withAlerts: false })),
    );
    expect(pages.map(({ items, hasMore }) => [items.map(({ id }) => id), hasMore])).toEqual([
      [['1'], true],
      [[], true],
      [['2'], false],
    ]);
    expect(wire.sent.slice(1).map(({ url }) => url)).toEqual([`${list}?$skip=1`, `${list}?$skip=2`]);
  });

  it.each([
    ['another host', 'https://evil.example/v1.0/security/incidents'],
    ['no TLS', 'http://graph.microsoft.com/v1.0/security/incidents'],
    ['another port', 'https://graph.microsoft.com:8443/v1.0/security/incidents'],
    ['credentials in it', 'https://user:secret@graph.microsoft.com/v1.0/security/incidents'],
    ['no URL at all', 'https://'],
  ])('refuses a link with %s and sends nothing there', async (_name, link) => {
    const { graph, wire, clock } = onWire({ body: page([incidentText('1')], link) });
    const reading = all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: false }));
    const error = await failureOf(clock.run(reading), 'upstream.link_refused');
    expect(wire.sent).toHaveLength(1);
    expect(error.message).not.toContain('secret');
  });
});
