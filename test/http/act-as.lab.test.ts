import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { personOf } from '../../lab/people.ts';
import { type ActAsLab, AS_USER, GRAPH, QUERY, startActAsLab } from './act-as-lab.ts';
import { expectProblem, expectUnauthenticated } from './expect-problem.ts';
import type { Answer } from './outrider-app.ts';
import { describeUpdatesAsApp } from './updates-as-app.ts';

let lab: ActAsLab;
beforeAll(async () => {
  lab = await startActAsLab();
});
beforeEach(() => lab.renew());
afterAll(() => lab?.app.stop());

describe('in a user’s own name', () => {
  test('a hunt is answered with its rows, and nothing of it is kept', async () => {
    const answer = await lab.hunt({ query: QUERY, timespan: 'P1D', actAs: 'user' });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json()).toMatchObject({
      tenantId: lab.tenant,
      actAs: 'user',
      askedBy: personOf(lab.app.cloud.world, lab.tenant, 'operator').id,
      state: 'succeeded',
      truncated: false,
      rowCount: 2,
      timespan: 'P1D',
    });
    expect(answer.text).toContain('"ReportId":9223372036854775807}');
    expect(answer.json()).not.toHaveProperty('runId');
    await lab.app.logged('"event":"hunt.as_user_done"');
  });

  test('one by the Defender XDR API as well, and one that is cut says so', async () => {
    const answer = await lab.hunt(
      { query: QUERY, timespan: 'P1D', maxRows: 1 },
      { as: { tenantId: lab.other }, headers: AS_USER },
    );
    expect(answer.json(), answer.text).toMatchObject({
      state: 'truncated',
      rowCount: 1,
      truncation: { reason: 'maxRows' },
    });
    expect(answer.headers.get('outrider-truncated')).toBe('maxRows');
  });

  test('an incident is read live, in both shapes', async () => {
    const answer = await lab.read();
    expect(answer.json(), answer.text).toMatchObject({
      id: lab.incident,
      displayName: 'Of the test',
      _outrider: { family: 'graph', live: true, actedAs: 'user' },
    });
    const source = await lab.callAs(
      { headers: AS_USER },
      `/api/tenants/${lab.tenant}/incidents/${lab.incident}?as=source`,
    );
    expect(source.json()).not.toHaveProperty('_outrider');
    expectProblem(await lab.read({}, '999999'), 404, 'request.not_found');
    expectProblem(
      await lab.callAs({}, `/api/tenants/${lab.tenant}/incidents/${lab.incident}`),
      403,
      'request.forbidden',
    );
  });

  test('one exchange serves many calls of a user, and never another user', async () => {
    const token = await lab.app.cloud.userToken({ tenantId: lab.tenant, roles: [] });
    const headers = { authorization: `Bearer ${token}`, ...AS_USER };
    const { exchanges } = lab.watch();
    const path = `/api/tenants/${lab.tenant}/incidents/${lab.incident}`;
    const answers = await Promise.all(Array.from({ length: 50 }, () => lab.app.call(path, { headers })));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(exchanges()).toBe(1);
    expect((await lab.read({ as: { part: 'reader' } })).status).toBe(200);
    expect(exchanges()).toBe(2);
    // The outsider has no role: with anybody else's token this would be 200.
    expectProblem(await lab.read({ as: { part: 'outsider' } }), 403, 'user.role_missing');
    expect(exchanges()).toBe(3);
  });

  test('an incident is changed, and the user is named by the service', async () => {
    const answer = await lab.update({
      actAs: 'user',
      status: 'resolved',
      classification: 'falsePositive',
      determination: 'notMalicious',
      customTags: [],
      assignedTo: null,
      comment: 'not ours',
    });
    const { userPrincipalName } = personOf(lab.app.cloud.world, lab.tenant, 'operator');
    expect(answer.json(), answer.text).toMatchObject({
      status: 'resolved',
      determination: 'notMalicious',
      assignedTo: null,
      comments: [{ comment: 'not ours', createdByDisplayName: userPrincipalName }],
      _outrider: { live: true, actedAs: 'user' },
    });
    expect(lab.app.cloud.defender.tenant(lab.tenant).get(lab.incident)).toMatchObject({
      lastModifiedBy: userPrincipalName,
    });
    const { message } = await lab.app.logged('"event":"incident.updated"');
    expect(JSON.parse(message)).toMatchObject({
      caller: personOf(lab.app.cloud.world, lab.tenant, 'operator').id,
      actAs: 'user',
      changed: 'status,assignedTo,classification,determination,customTags,comment',
    });
  });
});

describe('who may not', () => {
  test.each<[string, Answerer]>([
    ['a hunt', () => lab.hunt({ query: QUERY })],
    ['an update', () => lab.update({ comment: 'x' })],
    ['a read', () => lab.callAs({}, `/api/tenants/${lab.tenant}/incidents/${lab.incident}`)],
  ])(
    '%s without actAs needs the app role: a delegated token gets no rights of the app',
    async (_name, ask) => {
      const { calls } = lab.watch();
      expect(expectProblem(await ask(), 403, 'request.forbidden').detail).toMatch(/lacks the app role/);
      expect(calls('/runHuntingQuery')).toBe(0);
      expect(lab.app.cloud.defender.tenant(lab.tenant).get(lab.incident)).toMatchObject({ comments: [] });
    },
  );

  test('an app has no user, by header and by body', async () => {
    const roles = ['Hunts.Run', 'Incidents.Read', 'Incidents.Update'];
    const path = `/api/tenants/${lab.tenant}`;
    for (const options of [
      { method: 'POST', body: { query: QUERY, actAs: 'user' } },
      { method: 'POST', body: { query: QUERY }, headers: AS_USER },
    ]) {
      const answer = await lab.app.call(`${path}/hunts`, { ...options, roles });
      expect(expectProblem(answer, 403, 'request.forbidden').detail).toMatch(/names no user/);
    }
    const get = await lab.app.call(`${path}/incidents/${lab.incident}`, { roles, headers: AS_USER });
    expectProblem(get, 403, 'request.forbidden');
  });

  test('a user without the scope, with every app role', async () => {
    const as = { scopes: ['openid'], roles: ['Hunts.Run'] };
    expect(
      expectProblem(await lab.hunt({ query: QUERY, actAs: 'user' }, { as }), 403, 'request.forbidden').detail,
    ).toMatch(/lacks the scope access_as_user/);
  });

  test('a user of one customer does not even see another', async () => {
    const answer = await lab.callAs(
      { method: 'POST', body: { query: QUERY, actAs: 'user' }, as: { tenantId: lab.other } },
      `/api/tenants/${lab.tenant}/hunts`,
    );
    expectProblem(answer, 404, 'tenant.unknown');
  });

  test('a user of the home directory must sign in to the customer’s own; a guest there is served', async () => {
    const { home } = lab.app.cloud.world;
    const answer = await lab.callAs(
      { method: 'POST', body: { query: QUERY, actAs: 'user' }, as: { tenantId: home.id } },
      `/api/tenants/${lab.tenant}/hunts`,
    );
    expect(expectProblem(answer, 403, 'user.other_tenant').detail).toMatch(/as a guest or by GDAP/);
    const guest = lab.app.cloud.world.people.find(
      (person) =>
        person.tenantId === lab.tenant && person.guestOf !== undefined && person.part === 'operator',
    );
    const asGuest = await lab.hunt({ query: QUERY, actAs: 'user' }, { as: { userId: guest?.id ?? '' } });
    expect(asGuest.json(), asGuest.text).toMatchObject({ rowCount: 2, askedBy: guest?.id });
  });

  test('a reader who writes lacks the role in Defender', async () => {
    const answer = await lab.update({ status: 'resolved', actAs: 'user' }, { as: { part: 'reader' } });
    expect(expectProblem(answer, 403, 'user.role_missing').detail).toMatch(
      /lacks a role in Microsoft Defender/,
    );
    expect(lab.app.cloud.defender.tenant(lab.tenant).get(lab.incident)).toMatchObject({ status: 'active' });
  });
});

type Answerer = () => Promise<Answer>;

describe('what stands between', () => {
  test('a second factor: the challenge goes to the client, and with its claims met the call is served', async () => {
    const id = '77777777-7777-4777-8777-777777777777';
    lab.directoryOf(lab.tenant).conditionalAccess = [{ id, demand: 'mfa', resource: GRAPH }];
    const refused = await lab.read();
    expectProblem(refused, 401, 'user.claims_required');
    expect(challengeIn(refused)).toEqual({ access_token: { capolids: { essential: true, values: [id] } } });
    expect((await lab.read({ as: { hasSecondFactor: true } })).status).toBe(200);
  });

  test('a context that Graph asks for: one more exchange, then the challenge, then step-up', async () => {
    const { exchanges } = lab.watch();
    lab.directoryOf(lab.tenant).challenges = [{ kind: 'context', context: 'c1', resource: GRAPH }];
    const refused = await lab.read();
    expectProblem(refused, 401, 'user.claims_required');
    expect(challengeIn(refused)).toEqual({ access_token: { acrs: { essential: true, values: ['c1'] } } });
    expect(exchanges()).toBe(2);
    expect((await lab.read({ as: { contexts: ['c1'] } })).status).toBe(200);
  });

  test('a policy that blocks', async () => {
    const id = '77777777-7777-4777-8777-777777777778';
    lab.directoryOf(lab.tenant).conditionalAccess = [{ id, demand: 'block', resource: GRAPH }];
    const answer = await lab.hunt({ query: QUERY, actAs: 'user' });
    expectProblem(answer, 403, 'user.access_blocked');
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  test('consent that is missing, or lacks the one permission', async () => {
    const api = lab.apiApp();
    const consents = api.consents ?? [];
    try {
      api.consents = [];
      expect(expectProblem(await lab.read(), 403, 'user.consent_missing').detail).toContain(
        `${lab.tenant}/adminconsent?client_id=${api.appId}`,
      );
      api.consents = consents.map((consent) => ({ ...consent, scopes: ['ThreatHunting.Read.All'] }));
      expect(expectProblem(await lab.read(), 403, 'user.consent_missing').detail).toMatch(
        /delegated permission SecurityIncident\.Read\.All/,
      );
    } finally {
      api.consents = consents;
    }
  });

  test('a token that has just expired', async () => {
    const answer = await lab.read({ as: { lifetimeSeconds: -10 } });
    expectProblem(answer, 401, 'user.assertion_expired');
    expect(answer.headers.get('www-authenticate')).toMatch(
      new RegExp(
        `^Bearer authorization_uri="https://login\\.microsoftonline\\.com/${lab.tenant}/oauth2/v2\\.0/authorize", error="invalid_token"$`,
      ),
    );
    expectUnauthenticated(await lab.read({ as: { lifetimeSeconds: -600 } }));
  });

  /** The claims that a client signs in again with, as MSAL reads them. */
  function challengeIn({ headers }: Answer): unknown {
    const header = headers.get('www-authenticate') ?? '';
    expect(header).toMatch(/^Bearer authorization_uri="https:[^"]+", error="insufficient_claims", claims="/);
    const [, encoded = ''] = /claims="([^"]+)"/.exec(header) ?? [];
    return JSON.parse(Buffer.from(encoded, 'base64').toString());
  }
});

describe('what cannot be asked for in a user’s name', () => {
  test.each<[string, Record<string, string>]>([
    ['Idempotency-Key', { 'idempotency-key': 'x' }],
    ['Prefer: respond-async', { prefer: 'respond-async' }],
  ])('%s: the result is not kept', async (name, headers) => {
    const { calls } = lab.watch();
    const answer = await lab.hunt({ query: QUERY, actAs: 'user' }, { headers });
    expect(expectProblem(answer, 422, 'user.app_context_needed').detail).toContain(name);
    expect(calls('/runHuntingQuery')).toBe(0);
  });

  test.each(['app', 'User', '', 'user, user'])('the word “%s” in the header', async (word) => {
    expectProblem(await lab.read({ headers: { 'outrider-act-as': word } }), 400, 'request.invalid');
  });

  test('another word in the body, for who may be served without', async () => {
    const as = { roles: ['Hunts.Run'] };
    expectProblem(await lab.hunt({ query: QUERY, actAs: 'app' }, { as }), 400, 'request.invalid');
  });

  test('anything on another route', async () => {
    const as = { roles: ['Incidents.Read', 'Hunts.Run', 'Incidents.Sync', 'Hunts.Read'] };
    for (const [method, path, body] of [
      ['GET', `/api/tenants/${lab.tenant}/incidents`, undefined],
      ['POST', `/api/tenants/${lab.tenant}/incidents/sync`, undefined],
      ['POST', '/api/hunts', { query: QUERY }],
      ['GET', '/api/health', undefined],
    ] as const) {
      const answer = await lab.callAs({ method, body, as, headers: AS_USER }, path);
      expect(expectProblem(answer, 400, 'request.invalid').detail, path).toMatch(/Nothing is done in a user/);
    }
  });

  test('a query that the check refuses', async () => {
    expectProblem(await lab.hunt({ query: 'NoSuchTable', actAs: 'user' }), 400, 'hunt.query_invalid');
  });
});

describeUpdatesAsApp(() => lab);
