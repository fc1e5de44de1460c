import { describe, expect, it } from 'vitest';
import { incidentText, list, page } from './graph-answers.ts';
import { all, DATE, failureOf, onWire, TENANT, WINDOW } from './harness.ts';

describe('alerts in pages of their own', () => {
  const more = `${list}/1/alerts?$skip=`;
  const paged = incidentText('1', `,"alerts":[{"id":"a"}],"alerts@odata.nextLink":"${more}1","n":1.0`);

  it('come together in the text of their incident', async () => {
    const { graph, wire, clock } = onWire([
      { body: page([paged, incidentText('2')], `${list}?$skip=2`) },
      { body: page(['{"id":"b", "n":2.0}'], `${more}2`) },
      { body: page(['{"id":"c"}']) },
      { body: page([]) },
    ]);
    const [first] = await clock.run(
      all(graph.incidentPages({ tenant: TENANT, window: WINDOW, top: 50, withAlerts: true })),
    );
    expect(first?.items[0]).toMatchObject({
      alertCount: 3,
      text: incidentText('1', ',"alerts":[{"id":"a"},{"id":"b", "n":2.0},{"id":"c"}],"n":1.0'),
    });
    expect(wire.sent.map(({ url }) => url).slice(1)).toEqual([`${more}1`, `${more}2`, `${list}?$skip=2`]);
    expect(wire.sent.every(({ headers }) => headers.prefer === 'include-unknown-enum-members')).toBe(true);
  });

  it.each([
    ['https://evil.example/', 'upstream.link_refused'],
    [more, 'upstream.unusable_answer'],
  ] as const)('are not had by a link to %s', async (link, code) => {
    const text = incidentText('1', `,"alerts@odata.nextLink":${JSON.stringify(link)}`);
    const { graph, clock } = onWire([{ body: text }, { body: page([], link) }]);
    await failureOf(clock.run(graph.incident({ tenant: TENANT, id: '1' })), code);
  });

  it('have a limit together', async () => {
    const big = page([JSON.stringify({ id: 'x'.repeat(12 * 1024 * 1024) })]);
    const { graph, clock } = onWire((_request, index) =>
      index === 0
        ? { body: paged }
        : { body: big.replace(/}$/, `,"@odata.nextLink":"${more}${index + 1}"}`) },
    );
    await failureOf(clock.run(graph.incident({ tenant: TENANT, id: '1' })), 'upstream.too_large');
  });
});

describe('the list of alerts', () => {
  it('is asked for by its own window and gives what the sync reads', async () => {
    const text = '{"id":"da1","incidentId":"29","lastUpdateDateTime":"2026-11-20T10:00:00.12Z", "n":1.0}';
    const { graph, wire, clock } = onWire([
      { body: page([text], 'https://graph.microsoft.com/v1.0/security/alerts_v2?$skip=1'), headers: DATE },
      { body: page(['{"id":"da2"}']), headers: DATE },
    ]);
    const alertPages = graph.alertPages?.({ tenant: TENANT, window: WINDOW, top: 500 });
    const [first, second] = await clock.run(all(alertPages ?? []));
    expect(new URL(wire.sent[0]?.url ?? '').search).toBe(
      '?$filter=lastUpdateDateTime%20ge%202026-11-20T00%3A00%3A00.1234567Z&$top=100',
    );
    expect(first).toMatchObject({ hasMore: true, serviceTime: '2026-11-21T12:00:00.0000000Z' });
    expect(first?.items).toEqual([
      { id: 'da1', incidentId: '29', lastUpdate: '2026-11-20T10:00:00.1200000Z', text },
    ]);
    expect(second?.items).toMatchObject([{ id: 'da2', incidentId: undefined }]);
  });

  it('names its own permission when it is refused', async () => {
    const { graph, clock } = onWire({ status: 403 });
    const reading = all(graph.alertPages?.({ tenant: TENANT, window: WINDOW, top: 50 }) ?? []);
    const error = await failureOf(clock.run(reading), 'upstream.forbidden');
    expect(error.message).toContain('SecurityAlert.Read.All');
  });
});
