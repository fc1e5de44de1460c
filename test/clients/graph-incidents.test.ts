import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_PAGES } from '../../shared/clients/pages.ts';
import { type GraphContract, loadGraphContract } from '../contract/graph-contract.ts';
import { incidentText, list, page } from './graph-answers.ts';
import { all, DATE, failureOf, onWire, TENANT, WINDOW } from './harness.ts';

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
          alertIds: new Set(['a']),
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

  it('ends a circle of links', async () => {
    const { graph, wire, clock } = onWire([
      { body: page([incidentText('1')], `${list}?$skip=1`) },
      { body: page([incidentText('2')], `${list}?$skip=2`) },
      { body: page([incidentText('3')], `${list}?$skip=1`) },
    ]);
    const reading = all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: false }));
    await failureOf(clock.run(reading), 'upstream.unusable_answer');
    expect(wire.sent).toHaveLength(3);
  });

  it('ends a list without end', async () => {
    const { graph, wire, clock } = onWire(
      (_request, index) => ({ body: page([], `${list}?$skip=${index}`) }),
      { unpaced: true },
    );
    const reading = all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: false }));
    await failureOf(clock.run(reading), 'upstream.unusable_answer');
    expect(wire.sent).toHaveLength(MAX_PAGES);
  }, 20_000);

  it('calls a link that died by that name', async () => {
    const { graph, clock } = onWire([{ body: page([], `${list}?$skiptoken=old`) }, { status: 400 }]);
    const reading = all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: false }));
    await failureOf(clock.run(reading), 'upstream.link_expired');
  });

  it.each([
    ['no JSON', '<html></html>'],
    ['no page', '{"error":{}}'],
    ['an item that is no object', page(['7'])],
    ['an item without id', page(['{"status":"active"}'])],
    ['an item with an empty id', page(['{"id":""}'])],
    ['an item with an id that is no whole number', page(['{"id":1e400}'])],
    ['an item that is no JSON', page(['{"id":"1",}'])],
    ['a body cut short', '{"value":[{"id":"1"}'],
  ])('refuses %s', async (_name, body) => {
    const { graph, clock } = onWire({ body });
    const reading = all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true }));
    await failureOf(clock.run(reading), 'upstream.unusable_answer');
  });

  it.each([
    ['unknown words and fields', '{"id":"1","status":"novel","severity":"extreme","foo":{"bar":[]}}'],
    ['odd numbers', '{"id":"1","n":[9223372036854775807,1.0,1e400,-0,1E+2]}'],
    ['repeated keys', '{"id":"0","id":"1","status":"a","status":"b"}'],
    ['odd Unicode', '{"id":"1","displayName":"\\ud800 \u2028 \ud83d\ude00 \\u0000"}'],
    ['blanks', '{ "id" :\t"1" ,\r\n"alerts" : [ ] }'],
    ['fields of other types', '{"id":"1","status":7,"alerts":"x","createdDateTime":false,"assignedTo":{}}'],
  ])('keeps %s as they are', async (_name, text) => {
    const { graph, clock } = onWire({
      body: page([incidentText('0'), text, incidentText('2')]),
      headers: DATE,
    });
    const [only] = await clock.run(
      all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true })),
    );
    expect(only?.items[1]).toMatchObject({ id: '1', text });
  });

  it('takes an id that is a number by its digits', async () => {
    const { graph, clock } = onWire({
      body: page(['{"id": 9223372036854775807}', '{"id":7,"redirectIncidentId":8}']),
    });
    const [only] = await clock.run(
      all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true })),
    );
    expect(only?.items.map(({ id, redirectTo }) => [id, redirectTo])).toEqual([
      ['9223372036854775807', undefined],
      ['7', '8'],
    ]);
  });

  it.each([
    [
      'createdDateTime',
      '{"id":"1","createdDateTime":"2026-11-01T00:00:00Z","lastUpdateDateTime":"soon"}',
      '2026-11-01T00:00:00.0000000Z',
    ],
    ['the time of the service', '{"id":"1"}', '2026-11-21T12:00:00.0000000Z'],
  ])('takes %s where the time of the last update is missing', async (_name, text, expected) => {
    const { graph, clock } = onWire({ body: page([text]), headers: DATE });
    const [only] = await clock.run(
      all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true })),
    );
    expect(only?.items[0]).toMatchObject({ lastUpdate: expected, created: expected });
  });
});

describe('one incident', () => {
  it('is read by its id with its alerts, or without', async () => {
    const { graph, wire, clock } = onWire({ body: incidentText('29', ',"alerts":[]'), headers: DATE });
    const { incident, serviceTime } = await clock.run(graph.incident({ tenant: TENANT, id: '29' }));
    await clock.run(graph.incident({ tenant: TENANT, id: '29', withAlerts: false }));
    expect(incident).toMatchObject({ id: '29', alertCount: 0 });
    expect(serviceTime).toBe('2026-11-21T12:00:00.0000000Z');
    expect(wire.sent.map(({ url }) => url)).toEqual([`${list}/29?$expand=alerts`, `${list}/29`]);
  });

  it('that the service does not know is undefined, at the time of the service', async () => {
    const { graph, clock } = onWire({ status: 404, headers: DATE });
    expect(await clock.run(graph.incident({ tenant: TENANT, id: '29' }))).toEqual({
      incident: undefined,
      serviceTime: '2026-11-21T12:00:00.0000000Z',
    });
  });

  it.each(['a/b', '../alerts_v2', 'a?b', 'a#b', 'a%2fb', 'a b', "a'b", 'ä😀', '....'])(
    'with the id %s is asked for by it and nothing else',
    async (id) => {
      const { graph, wire, clock } = onWire({ status: 404 });
      await clock.run(graph.incident({ tenant: TENANT, id }));
      const { pathname, search } = new URL(wire.sent[0]?.url ?? '');
      const segments = pathname.split('/');
      expect(segments.slice(0, -1)).toEqual(['', 'v1.0', 'security', 'incidents']);
      expect(decodeURIComponent(segments.at(-1) ?? '')).toBe(id);
      expect(search).toBe('?$expand=alerts');
    },
  );

  it.each(['', '.', '..', '\ud800'])(
    'with the id %j, which no URL can name, is not asked for',
    async (id) => {
      const { graph, wire, clock } = onWire({ status: 404 });
      await failureOf(clock.run(graph.incident({ tenant: TENANT, id })), 'upstream.unusable_answer');
      expect(wire.sent).toEqual([]);
    },
  );
});

describe('what is sent', () => {
  let contract: GraphContract;
  beforeAll(async () => {
    contract = await loadGraphContract();
  });

  it('is what the published contract allows, in its strict form', async () => {
    const { graph, wire, clock } = onWire((request) => ({
      body: request.url.includes('/29') ? incidentText('29') : page([]),
    }));
    const window = { from: '2026-11-20T00:00:00.0000000Z', to: '2026-11-21T00:00:00.0000000Z' };
    await clock.run(all(graph.incidentPages({ tenant: TENANT, window, top: 50, withAlerts: true })));
    await clock.run(all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 1, withAlerts: false })));
    await clock.run(graph.incident({ tenant: TENANT, id: '29' }));
    await clock.run(all(graph.alertPages?.({ tenant: TENANT, window, top: 100 }) ?? []));
    expect(wire.sent).toHaveLength(4);
    for (const { method, url, headers } of wire.sent) {
      const sent = { method, url, headers: { ...headers, authorization: 'Bearer x' } };
      expect(contract.checkRequest(sent)).toEqual([]);
    }
  });
});
