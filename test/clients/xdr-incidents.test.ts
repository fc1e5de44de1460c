import { describe, expect, it } from 'vitest';
import { all, DATE, failureOf, onWire, TENANT, WINDOW } from './harness.ts';

const list = 'https://api.security.microsoft.com/api/incidents';

const text = (id: number | string): string =>
  `{"incidentId":${id},"redirectIncidentId":null,"incidentName":"Name ${id}","createdTime":"2026-11-20T10:00:00Z","lastUpdateTime":"2026-11-20T10:00:00.5Z","assignedTo":"ann","classification":"TruePositive","determination":"CompromisedUser","status":"InProgress","severity":"UnSpecified","alerts":[{"alertId":"a"}]}`;
const page = (...items: readonly string[]): { body: string; headers: typeof DATE } => ({
  body: `{"value":[${items.join(',')}]}`,
  headers: DATE,
});
const read = { tenant: TENANT, window: WINDOW, withAlerts: true };

describe('incidents of the Defender XDR API', () => {
  it('are asked for by $filter, $top and $skip until a page is not full', async () => {
    const { xdr, wire, clock } = onWire([page(text(1), text(2)), page(text(3), text(4)), page(text(5))]);
    const window = { ...WINDOW, to: '2026-11-21T00:00:00.0000000Z' };
    const pages = await clock.run(all(xdr.incidentPages({ ...read, window, top: 2 })));
    expect(pages.map(({ items, hasMore }) => [items.map(({ id }) => id), hasMore])).toEqual([
      [['1', '2'], true],
      [['3', '4'], true],
      [['5'], false],
    ]);
    const queries = wire.sent.map(({ url }) => Object.fromEntries(new URL(url).searchParams));
    const $filter =
      'lastUpdateTime ge 2026-11-20T00:00:00.1234567Z and lastUpdateTime lt 2026-11-21T00:00:00.0000000Z';
    expect(queries).toEqual([
      { $filter, $top: '2' },
      { $filter, $top: '2', $skip: '2' },
      { $filter, $top: '2', $skip: '4' },
    ]);
    expect(wire.sent[0]?.headers.authorization).toBe(`Bearer token of ${TENANT} for xdr`);
  });

  it('come a hundred at a time at most, and an empty page is the last', async () => {
    const { xdr, wire, clock } = onWire(page());
    const pages = await clock.run(all(xdr.incidentPages({ ...read, top: 5_000 })));
    expect(pages).toMatchObject([{ items: [], hasMore: false, serviceTime: '2026-11-21T12:00:00.0000000Z' }]);
    expect(new URL(wire.sent[0]?.url ?? '').searchParams.get('$top')).toBe('100');
  });

  it("are kept as they were sent, with what the sync reads in Graph's words", async () => {
    const { xdr, clock } = onWire(page(text('9223372036854775807')));
    const [only] = await clock.run(all(xdr.incidentPages({ ...read, top: 2 })));
    expect(only?.items).toEqual([
      {
        id: '9223372036854775807',
        family: 'xdr',
        text: text('9223372036854775807'),
        lastUpdate: '2026-11-20T10:00:00.5000000Z',
        created: '2026-11-20T10:00:00.0000000Z',
        status: 'inProgress',
        severity: 'unknown',
        title: 'Name 9223372036854775807',
        assignedTo: 'ann',
        classification: 'truePositive',
        determination: 'compromisedAccount',
        webUrl: `https://security.microsoft.com/incident2/9223372036854775807/overview?tid=${TENANT}`,
        redirectTo: undefined,
        alertCount: 1,
      },
    ]);
  });

  it('are read on by a link where the service gives one, to the same host only', async () => {
    const linked = { body: `{"value":[${text(1)}],"@odata.nextLink":"${list}?$skip=1"}` };
    const { xdr, wire, clock } = onWire([linked, page()]);
    const pages = await clock.run(all(xdr.incidentPages({ ...read, top: 50 })));
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, false]);
    expect(wire.sent[1]?.url).toBe(`${list}?$skip=1`);
    const away = onWire({ body: '{"value":[],"@odata.nextLink":"https://graph.microsoft.com/x"}' });
    await failureOf(
      away.clock.run(all(away.xdr.incidentPages({ ...read, top: 50 }))),
      'upstream.link_refused',
    );
  });

  it('end when the service does not obey $skip, or its links go in a circle', async () => {
    const deaf = onWire(page(text(1)));
    await failureOf(
      deaf.clock.run(all(deaf.xdr.incidentPages({ ...read, top: 1 }))),
      'upstream.unusable_answer',
    );
    expect(deaf.wire.sent).toHaveLength(3);
    const circle = onWire({ body: `{"value":[],"@odata.nextLink":"${list}?$skip=1"}` });
    await failureOf(
      circle.clock.run(all(circle.xdr.incidentPages({ ...read, top: 1 }))),
      'upstream.unusable_answer',
    );
  });

  it.each(['{"value":[{"incidentName":"no id"}]}', '{"value":[{"incidentId":1.5}]}', '{"value":7}'])(
    'are no answer to be used if they are %s',
    async (body) => {
      const { xdr, clock } = onWire({ body });
      await failureOf(clock.run(all(xdr.incidentPages({ ...read, top: 1 }))), 'upstream.unusable_answer');
    },
  );

  it('are read one by one', async () => {
    const { xdr, wire, clock } = onWire([
      { body: text(7), headers: DATE },
      { status: 404, headers: DATE },
    ]);
    const found = await clock.run(xdr.incident({ tenant: TENANT, id: '7' }));
    const missing = await clock.run(xdr.incident({ tenant: TENANT, id: '8/9' }));
    expect(found.incident).toMatchObject({ id: '7', text: text(7), alertCount: 1 });
    expect(missing).toEqual({ incident: undefined, serviceTime: '2026-11-21T12:00:00.0000000Z' });
    expect(wire.sent.map(({ url }) => url)).toEqual([`${list}/7`, `${list}/8%2F9`]);
  });

  it('have no list of alerts, and their own pace', async () => {
    const { xdr, graph, clock } = onWire(page(text(1)));
    expect(xdr.alertPages).toBeUndefined();
    for (let call = 0; call < 45; call += 1)
      await clock.run(xdr.incident({ tenant: TENANT, id: '1' })).catch(() => {});
    const error = await failureOf(xdr.incident({ tenant: TENANT, id: '1' }), 'pace.exhausted');
    expect(error.facts.retryAfterMs).toBe(60_000);
    await clock.run(graph.incident({ tenant: TENANT, id: '1' })).catch((other) => {
      expect(other).toMatchObject({ code: 'upstream.unusable_answer' });
    });
  });
});
