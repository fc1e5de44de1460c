import { describe, expect, test } from 'vitest';
import { GRAPH, startHuntLab, XDR } from '../support.ts';

const QUERY = 'DeviceEvents | take 1';

describe('queries that Defender would not run', () => {
  test.each([
    [
      'Nope | where A == 1',
      "'where' operator: Failed to resolve table or column expression named 'Nope'. Fix semantic errors in your query.",
    ],
    [
      'DeviceEvents | project Nope',
      "'project' operator: Failed to resolve scalar expression named 'Nope'. Fix semantic errors in your query.",
    ],
    [
      'DeviceEvents | where nope(1)',
      "The query has a semantic error: Unknown function: 'nope'. Fix semantic errors in your query.",
    ],
    ['DeviceEvents | frob', 'Query operator expected.. Fix syntax errors in your query.'],
    ['DeviceEvents | where DeviceId == "x', 'Fix syntax errors in your query.'],
    ['.show tables', 'management command'],
    ['.drop table DeviceEvents', 'management command'],
    ['DeviceEvents; DeviceEvents', 'Only one tabular statement'],
    ['let a = 1;', 'no tabular expression statement'],
    ['// nothing', 'no tabular expression statement'],
    ['1 + 1', 'no tabular expression statement'],
    ["cluster('help').database('Samples').StormEvents", 'Access to cluster() is not allowed'],
    ["database('x').DeviceEvents", 'database() is not allowed'],
    ['DeviceEvents | where DeviceId == 5', 'Cannot compare values of types string and number'],
  ])('%s', async (query, message) => {
    const lab = startHuntLab();
    for (const answer of [await lab.post({ Query: query }), await lab.post({ Query: query }, XDR)]) {
      expect([answer.status, answer.error?.code]).toEqual([400, 'BadRequest']);
      expect(answer.error?.message).toContain(message);
      expect(answer.note).toBeUndefined();
    }
  });

  test('one of ten thousand parentheses', async () => {
    const nested = `DeviceEvents | where ${'('.repeat(10_000)}true${')'.repeat(10_000)}`;
    const { status, error } = await startHuntLab().hunt(nested);
    expect([status, error?.message]).toEqual([400, expect.stringContaining('in your query.')]);
  });

  test.each([
    'DeviceFileEvents | invoke FileProfile(SHA1, 500) | where GlobalPrevalence < 10',
    'DeviceFileEvents | invoke FileProfile("SHA256") | project Signer',
    'EmailEvents | invoke SeenBy() | project SeenBy',
    'print X = todynamic(dynamic({"a": 1}))',
    'union DeviceEvents, DeviceProcessEvents | summarize count() by DeviceName',
    'search in (DeviceEvents) "x" | take 1',
    'DeviceEvents | extend X = todynamic(AdditionalFields) | evaluate bag_unpack(X)',
    'AADSignInEventsBeta | where RiskLevelDuringSignIn > 10',
    'externaldata (a:string) ["https://example.com/list.csv"]',
  ])('but %s is run', async (query) => {
    expect((await startHuntLab().hunt(query)).status).toBe(200);
  });

  test('types may be compared where the setting says so', async () => {
    const lab = startHuntLab({ huntStrictTypes: false });
    expect((await lab.hunt('DeviceEvents | where DeviceId == 5')).status).toBe(200);
  });
});

describe('bodies', () => {
  test.each([
    ['', 'JSON'],
    ['[]', 'JSON'],
    ['{"Query":', 'JSON'],
    [{}, 'Query'],
    [{ Query: '' }, 'Query'],
    [{ Query: '  \n' }, 'Query'],
    [{ Query: null }, 'Query'],
    [{ Query: 5 }, 'Query'],
    [{ Query: QUERY, Timespan: 5 }, 'Timespan'],
    [{ Query: QUERY, workspaceId: 'mine' }, 'workspaceId'],
    [{ Query: QUERY, Parameters: {} }, "The parameter 'Parameters'"],
    [{ Query: QUERY, query: QUERY }, 'more than once'],
  ])('Graph refuses %j', async (body, message) => {
    const { status, error } = await startHuntLab().post(body);
    expect([status, error?.code]).toEqual([400, 'BadRequest']);
    expect(error?.message).toContain(message);
  });

  test.each([
    ['{', 'InvalidRequestBody'],
    [{ query: QUERY }, 'MissingRequiredParameter'],
    [{ Query: ' ' }, 'MissingRequiredParameter'],
  ])('the Defender XDR API refuses %j', async (body, code) => {
    const { status, error } = await startHuntLab().post(body, XDR);
    expect([status, error?.code]).toEqual([400, code]);
  });

  test('Graph takes names in any letters, a null Timespan and a workspace', async () => {
    const lab = startHuntLab();
    const workspaceId = 'c0ffee00-1111-4222-8333-444455556666';
    for (const body of [
      { query: QUERY },
      { QUERY, timespan: null, workspaceId },
      { Query: QUERY, timeSpan: 'P1D' },
    ]) {
      const sent = 'QUERY' in body ? { ...body } : body;
      expect((await lab.post(sent)).status).toBe(200);
    }
  });

  test('letters that are not ASCII need the charset', async () => {
    const lab = startHuntLab();
    const query = 'DeviceEvents | where ActionType == "Ä" | project ActionType | take 1';
    const plain = { 'content-type': 'application/json' };
    expect((await lab.post({ Query: query })).rows).toEqual([{ ActionType: 'Ä' }]);
    expect((await lab.post({ Query: query }, GRAPH, plain)).rows).toEqual([{ ActionType: 'Ã„' }]);
    lab.defender.settings.huntNeedsCharset = false;
    expect((await lab.post({ Query: query }, GRAPH, plain)).rows).toEqual([{ ActionType: 'Ä' }]);
  });
});

describe('callers', () => {
  test.each([
    [GRAPH, ['ThreatHunting.Read.All'], 200],
    [GRAPH, ['AdvancedHunting.Read.All', 'SecurityIncident.Read.All'], 403],
    [XDR, ['AdvancedHunting.Read.All'], 200],
    [XDR, ['AdvancedHunting.Read'], 200],
    [XDR, ['ThreatHunting.Read.All', 'Incident.Read.All'], 403],
  ])('%s with %j', async (url, roles, status) => {
    expect((await startHuntLab({}, { roles }).post({ Query: QUERY }, url)).status).toBe(status);
  });

  test('GET is not offered, the qualified name is, an id below is not', async () => {
    const lab = startHuntLab();
    expect(await lab.get(GRAPH)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(await lab.get(XDR)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    const qualified = GRAPH.replace('runH', 'microsoft.graph.security.runH');
    expect((await lab.post({ Query: QUERY }, qualified)).status).toBe(200);
    expect((await lab.post({ Query: QUERY }, `${GRAPH}/1`)).status).toBe(400);
  });
});

test('the older endpoint ends on 1 February 2027 by the lab’s clock', async () => {
  const lab = startHuntLab();
  const end = Date.UTC(2027, 1, 1);
  lab.clock.forward(end - 1 - lab.clock.now());
  expect((await lab.post({ Query: QUERY }, XDR)).status).toBe(200);
  lab.clock.forward(1);
  expect((await lab.post({ Query: QUERY }, XDR)).error?.code).toBe('ResourceNotFound');
  expect((await lab.post({ Query: QUERY })).status).toBe(200);
  lab.defender.settings.huntLegacyEndStatus = 410;
  expect((await lab.post({ Query: QUERY }, XDR)).status).toBe(410);
  lab.defender.settings.huntLegacyEndsAt = null;
  expect((await lab.post({ Query: QUERY }, XDR)).status).toBe(200);
});
