import { describe, expect, test } from 'vitest';
import { person, startLab, TENANT } from './support.ts';
import { GRAPH, read, readIds } from './support-lists.ts';

const PREFER = { prefer: 'include-unknown-enum-members' };

describe('sign-in and permission', () => {
  test('the audience is the cloud that was called', async () => {
    const lab = startLab();
    for (const host of ['graph.microsoft.com', 'graph.microsoft.us', 'dod-graph.microsoft.us']) {
      await lab.get(`https://${host}/v1.0/security/incidents`);
      expect(lab.judge.audiences.at(-1)).toEqual([`https://${host}`]);
    }
  });

  test('a refused token gives 401 with a challenge, before anything else', async () => {
    const lab = startLab();
    lab.judge.verdict = { ok: false, reason: 'audience' };
    const answer = await lab.get(`${GRAPH}/nowhere?$top=bad`);
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  test.each([
    [['SecurityIncident.Read.All'], 200, 403],
    [['SecurityIncident.ReadWrite.All'], 200, 403],
    [['SecurityAlert.ReadWrite.All'], 403, 200],
    [['Incident.Read.All'], 403, 403],
  ])('%o: incidents %i, alerts %i', async (roles, incidents, alerts) => {
    for (const caller of [{ roles }, { roles: [], scopes: roles, user: person('read') }]) {
      const lab = startLab({}, { caller });
      expect((await lab.get(`${GRAPH}/incidents`)).status).toBe(incidents);
      expect((await lab.get(`${GRAPH}/alerts_v2`)).status).toBe(alerts);
    }
  });

  test('a tenant sees its own incidents only', async () => {
    const lab = startLab();
    lab.defender.tenant('another').createIncident({ id: '1' });
    lab.defender.tenant(TENANT).createIncident({ id: '2' });
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual(['2']);
    expect((await lab.get(`${GRAPH}/incidents/1`)).status).toBe(404);
  });
});

describe('headers', () => {
  test("the client's id comes back, in errors too; Date is the lab's time", async () => {
    const lab = startLab();
    const ok = await lab.get(`${GRAPH}/incidents`, { 'client-request-id': 'mine' });
    expect(ok.headers).toMatchObject({ 'client-request-id': 'mine', date: 'Fri, 20 Nov 2026 12:00:00 GMT' });
    const bad = await lab.get(`${GRAPH}/incidents/none`, { 'client-request-id': 'mine' });
    expect(JSON.parse(bad.text)).toMatchObject({
      error: {
        code: 'NotFound',
        innerError: {
          date: '2026-11-20T12:00:00',
          'client-request-id': 'mine',
          'request-id': bad.headers['request-id'],
        },
      },
    });
    expect(bad.headers['request-id']).not.toBe(ok.headers['request-id']);
  });
});

describe('throttling', () => {
  test('by app and tenant, in a sliding minute, with the seconds to wait', async () => {
    const lab = startLab({ graphCallsPerMinute: 2 });
    expect((await lab.get(`${GRAPH}/incidents`)).status).toBe(200);
    lab.clock.forward(10_500);
    expect((await lab.get(`${GRAPH}/alerts_v2`)).status).toBe(200);
    const refused = await lab.get(`${GRAPH}/incidents`);
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('50');
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'TooManyRequests' } });

    lab.judge.verdict = {
      ok: true,
      caller: { tenantId: TENANT, appId: 'app-2', roles: ['SecurityIncident.Read.All'], scopes: [] },
    };
    expect((await lab.get(`${GRAPH}/incidents`)).status).toBe(200);
    lab.clock.forward(49_500);
    expect((await lab.get(`${GRAPH}/incidents`)).status).toBe(200);
  });
});

describe('an incident', () => {
  test('carries alerts only when they are asked for', async () => {
    const lab = startLab();
    lab.defender.tenant(TENANT).createIncident({ id: '7', alerts: [{ title: 'x' }] });
    expect(await read(lab, `${GRAPH}/incidents/7`)).not.toHaveProperty('alerts');
    expect((await read(lab, `${GRAPH}/incidents`)).value[0]).not.toHaveProperty('alerts');
    expect(await read(lab, `${GRAPH}/incidents/7?$expand=alerts`)).toMatchObject({
      alerts: [{ incidentId: '7' }],
    });
    expect((await read(lab, `${GRAPH}/incidents?$expand=alerts`)).value[0]).toMatchObject({
      alerts: [{ title: 'x' }],
    });
  });

  test('shows members added later only to who prefers them', async () => {
    const lab = startLab();
    const tenant = lab.defender.tenant(TENANT);
    tenant.createIncident({
      id: '7',
      status: 'awaitingAction',
      alerts: [{ id: 'a', serviceSource: 'microsoftSentinel' }],
    });
    const plain = await read(lab, `${GRAPH}/incidents/7?$expand=alerts`);
    expect(plain).toMatchObject({
      status: 'unknownFutureValue',
      alerts: [{ serviceSource: 'unknownFutureValue' }],
    });
    const all = await lab.get(`${GRAPH}/incidents/7?$expand=alerts`, PREFER);
    expect(JSON.parse(all.text)).toMatchObject({
      status: 'awaitingAction',
      alerts: [{ serviceSource: 'microsoftSentinel' }],
    });
    expect(all.headers['preference-applied']).toBe('include-unknown-enum-members');
  });

  test.each([
    [7, '2026-11-20T12:00:00.1230000Z'],
    [6, '2026-11-20T12:00:00.123000Z'],
    [3, '2026-11-20T12:00:00.123Z'],
    [0, '2026-11-20T12:00:00Z'],
    ['trimmed', '2026-11-20T12:00:00.123Z'],
  ] as const)('has times with %s digits', async (timeDigits, expected) => {
    const lab = startLab({ timeDigits });
    lab.defender.tenant(TENANT).createIncident({ id: '7', createdDateTime: '2026-11-20T12:00:00.1230000Z' });
    expect(await read(lab, `${GRAPH}/incidents/7`)).toMatchObject({ createdDateTime: expected });
  });

  test('may be cut short when expanded: with a link, without one, or by failing', async () => {
    const lab = startLab({ expand: 'paged', expandAlertLimit: 2 });
    const alerts = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
    lab.defender.tenant(TENANT).createIncident({ id: '7', alerts });
    const url = `${GRAPH}/incidents/7?$expand=alerts`;
    const idsOf = (items: readonly { id: string }[] | undefined) => items?.map(({ id }) => id);

    const paged = await read(lab, url);
    expect(idsOf(paged.alerts)).toEqual(['a', 'b']);
    const rest = await read(lab, paged['alerts@odata.nextLink'] ?? '');
    expect(idsOf(rest.value)).toEqual(['c', 'd']);
    expect(idsOf((await read(lab, rest['@odata.nextLink'] ?? '')).value)).toEqual(['e']);

    lab.defender.settings.expand = 'cut';
    const cut = await read(lab, url);
    expect(idsOf(cut.alerts)).toEqual(['a', 'b']);
    expect(cut).not.toHaveProperty('alerts@odata.nextLink');

    lab.defender.settings.expand = 'fail';
    expect((await lab.get(url)).status).toBe(500);
    expect((await lab.get(`${GRAPH}/incidents/7`)).status).toBe(200);
    lab.defender.settings.expandAlertLimit = 5;
    expect((await lab.get(url)).status).toBe(200);
    lab.defender.settings.expandByteLimit = 100;
    expect((await lab.get(url)).status).toBe(500);
  });

  test('has its arrays in another order at every read, the same reads for the same seed', async () => {
    const tags = Array.from({ length: 12 }, (_, place) => `t${place}`);
    const reads = async (seed: number) => {
      const lab = startLab({ shuffleArrays: true }, { seed });
      lab.defender.tenant(TENANT).createIncident({ id: '7', customTags: tags });
      const url = `${GRAPH}/incidents/7`;
      return [(await read(lab, url)).customTags, (await read(lab, url)).customTags];
    };
    const [first, second] = await reads(3);
    expect(first).not.toEqual(second);
    expect([...(first ?? [])].sort()).toEqual([...tags].sort());
    expect(await reads(3)).toEqual([first, second]);
  });

  test('has another etag at every read where the settings say so', async () => {
    const lab = startLab({ changingEtags: true });
    lab.defender.tenant(TENANT).createIncident({ id: '7' });
    const [first, second] = [await lab.get(`${GRAPH}/incidents/7`), await lab.get(`${GRAPH}/incidents/7`)];
    expect(first.text).toMatch(/"@odata.etag":"W\/\\"/);
    expect(first.text).not.toBe(second.text);
  });

  test('that was merged away is shown or gone', async () => {
    const lab = startLab();
    const tenant = lab.defender.tenant(TENANT);
    tenant.createIncident({ id: '1' });
    tenant.createIncident({ id: '2' });
    tenant.merge('1', '2');
    expect(await read(lab, `${GRAPH}/incidents/1`)).toMatchObject({
      status: 'redirected',
      redirectIncidentId: '2',
    });
    expect(await readIds(lab, `${GRAPH}/incidents`)).toHaveLength(2);
    lab.defender.settings.redirected = 'gone';
    expect((await lab.get(`${GRAPH}/incidents/1`)).status).toBe(404);
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual(['2']);
  });
});
