import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Cloud } from '../../lab/cloud.ts';
import type { DirectoryApp, DirectoryTenant } from '../../lab/entra/directory.ts';
import { personOf } from '../../lab/people.ts';
import type { UserTokenOptions } from '../../lab/user-token.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { expectProblem, expectUnauthenticated } from './expect-problem.ts';
import { type Answer, type CallOptions, type OutriderApp, startOutrider } from './outrider-app.ts';

const QUERY = 'DeviceEvents | project Timestamp, DeviceName, ReportId';
const NOW = new Date(Date.now() - 60_000).toISOString();
const ROWS = [
  `{"Timestamp":"${NOW}","DeviceName":"a","ReportId":9223372036854775807}`,
  `{"Timestamp":"${NOW}","DeviceName":"b","ReportId":-5}`,
];
const AS_USER = { 'outrider-act-as': 'user' };
const GRAPH = 'https://graph.microsoft.com';
const XDR = 'https://api.security.microsoft.com';

/** Customers' users may call, and the second customer's incidents and hunts go through the Defender XDR API. */
function settings({ env }: Cloud): Record<string, string> {
  const tenants: object[] = JSON.parse(env.OUTRIDER_TENANTS ?? '[]');
  const changed = tenants.map((tenant, index) =>
    index === 1 ? { ...tenant, api: 'xdr', huntingApi: 'xdr' } : tenant,
  );
  return {
    OUTRIDER_TENANTS: JSON.stringify(changed),
    OUTRIDER_API_CALLERS: 'multi-tenant',
    // Only runs that are asked for: others would be among the requests that are counted.
    'AzureWebJobs.enqueue-due-tenants.Disabled': 'true',
  };
}

let app: OutriderApp;
let tenant = '';
let other = '';
let third = '';
let incident = '';
beforeAll(async () => {
  app = await startOutrider({ settings, cloud: { tenants: 3 } });
  [tenant = '', other = '', third = ''] = app.cloud.world.tenants.map(({ id }) => id);
  for (const { grants } of app.cloud.directory.apps) {
    grants[tenant]?.[GRAPH]?.push('SecurityIncident.ReadWrite.All');
    grants[other]?.[XDR]?.push('Incident.ReadWrite.All');
  }
  await app.cloud.defender.hunting.setRows({ query: QUERY, rows: ROWS });
});
afterAll(() => app?.stop());

interface UserCall extends CallOptions {
  readonly as?: UserTokenOptions;
}

/** A call with the token of a person: of the tenant's operator, without any app role. */
async function callAs({ as = {}, headers, ...options }: UserCall, path: string): Promise<Answer> {
  const token = await app.cloud.userToken({ tenantId: tenant, roles: [], ...as });
  return app.call(path, { ...options, headers: { authorization: `Bearer ${token}`, ...headers } });
}
const hunt = (body: object, options: UserCall = {}): Promise<Answer> =>
  callAs({ method: 'POST', body, ...options }, `/api/tenants/${options.as?.tenantId ?? tenant}/hunts`);
const read = (options: UserCall = {}, id = incident): Promise<Answer> =>
  callAs({ headers: AS_USER, ...options }, `/api/tenants/${tenant}/incidents/${id}`);
const update = (body: object, options: UserCall = {}): Promise<Answer> =>
  callAs({ method: 'PATCH', body, ...options }, `/api/tenants/${tenant}/incidents/${incident}`);

const directoryOf = (id: string): DirectoryTenant => {
  const found = app.cloud.directory.tenants.find((each) => each.id === id);
  if (!found) throw new Error(`no tenant ${id}`);
  return found;
};
const apiApp = (): DirectoryApp => {
  const found = app.cloud.directory.apps.find(({ appId }) => appId === app.cloud.world.api.clientId);
  if (!found) throw new Error('no API in the directory');
  return found;
};
/** Requests that stand-ins have had since. */
function watch(): { exchanges(): number; calls(part: string): number } {
  const last = app.cloud.log.entries().at(-1);
  const since = () => {
    const entries = app.cloud.log.entries();
    return entries.slice(last === undefined ? 0 : entries.lastIndexOf(last) + 1);
  };
  return {
    exchanges: () =>
      since().filter(({ service, path }) => service === 'entra' && /\/oauth2\/v2\.0\/token\b/.test(path))
        .length,
    calls: (part) => since().filter(({ path }) => path.includes(part)).length,
  };
}

beforeEach(() => {
  const { id } = app.cloud.defender
    .tenant(tenant)
    .createIncident({ displayName: 'Of the test', status: 'active' });
  incident = id;
});
afterEach(() => {
  directoryOf(tenant).conditionalAccess = [];
  directoryOf(tenant).challenges = [];
});

describe('in a user’s own name', () => {
  test('a hunt is answered with its rows, and nothing of it is kept', async () => {
    const answer = await hunt({ query: QUERY, timespan: 'P1D', actAs: 'user' });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json()).toMatchObject({
      tenantId: tenant,
      actAs: 'user',
      askedBy: personOf(app.cloud.world, tenant, 'operator').id,
      state: 'succeeded',
      truncated: false,
      rowCount: 2,
      timespan: 'P1D',
    });
    expect(answer.text).toContain('"ReportId":9223372036854775807}');
    expect(answer.json()).not.toHaveProperty('runId');
    await app.logged('"event":"hunt.as_user_done"');
  });

  test('one by the Defender XDR API as well, and one that is cut says so', async () => {
    const answer = await hunt(
      { query: QUERY, timespan: 'P1D', maxRows: 1 },
      { as: { tenantId: other }, headers: AS_USER },
    );
    expect(answer.json(), answer.text).toMatchObject({
      state: 'truncated',
      rowCount: 1,
      truncation: { reason: 'maxRows' },
    });
    expect(answer.headers.get('outrider-truncated')).toBe('maxRows');
  });

  test('an incident is read live, in both shapes', async () => {
    const answer = await read();
    expect(answer.json(), answer.text).toMatchObject({
      id: incident,
      displayName: 'Of the test',
      _outrider: { family: 'graph', live: true, actedAs: 'user' },
    });
    const source = await callAs(
      { headers: AS_USER },
      `/api/tenants/${tenant}/incidents/${incident}?as=source`,
    );
    expect(source.json()).not.toHaveProperty('_outrider');
    expectProblem(await read({}, '999999'), 404, 'request.not_found');
    expectProblem(await callAs({}, `/api/tenants/${tenant}/incidents/${incident}`), 403, 'request.forbidden');
  });

  test('one exchange serves many calls of a user, and never another user', async () => {
    const token = await app.cloud.userToken({ tenantId: tenant, roles: [] });
    const headers = { authorization: `Bearer ${token}`, ...AS_USER };
    const { exchanges } = watch();
    const path = `/api/tenants/${tenant}/incidents/${incident}`;
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.call(path, { headers })));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(exchanges()).toBe(1);
    expect((await read({ as: { part: 'reader' } })).status).toBe(200);
    expect(exchanges()).toBe(2);
    // The outsider has no role: with anybody else's token this would be 200.
    expectProblem(await read({ as: { part: 'outsider' } }), 403, 'user.role_missing');
    expect(exchanges()).toBe(3);
  });

  test('an incident is changed, and the user is named by the service', async () => {
    const answer = await update({
      actAs: 'user',
      status: 'resolved',
      classification: 'falsePositive',
      determination: 'notMalicious',
      customTags: [],
      assignedTo: null,
      comment: 'not ours',
    });
    const { userPrincipalName } = personOf(app.cloud.world, tenant, 'operator');
    expect(answer.json(), answer.text).toMatchObject({
      status: 'resolved',
      determination: 'notMalicious',
      assignedTo: null,
      comments: [{ comment: 'not ours', createdByDisplayName: userPrincipalName }],
      _outrider: { live: true, actedAs: 'user' },
    });
    expect(app.cloud.defender.tenant(tenant).get(incident)).toMatchObject({
      lastModifiedBy: userPrincipalName,
    });
    const { message } = await app.logged('"event":"incident.updated"');
    expect(JSON.parse(message)).toMatchObject({
      caller: personOf(app.cloud.world, tenant, 'operator').id,
      actAs: 'user',
      changed: 'status,assignedTo,classification,determination,customTags,comment',
    });
  });
});

describe('who may not', () => {
  test.each<[string, Answerer]>([
    ['a hunt', () => hunt({ query: QUERY })],
    ['an update', () => update({ comment: 'x' })],
    ['a read', () => callAs({}, `/api/tenants/${tenant}/incidents/${incident}`)],
  ])(
    '%s without actAs needs the app role: a delegated token gets no rights of the app',
    async (_name, ask) => {
      const { calls } = watch();
      expect(expectProblem(await ask(), 403, 'request.forbidden').detail).toMatch(/lacks the app role/);
      expect(calls('/runHuntingQuery')).toBe(0);
      expect(app.cloud.defender.tenant(tenant).get(incident)).toMatchObject({ comments: [] });
    },
  );

  test('an app has no user, by header and by body', async () => {
    const roles = ['Hunts.Run', 'Incidents.Read', 'Incidents.Update'];
    const path = `/api/tenants/${tenant}`;
    for (const options of [
      { method: 'POST', body: { query: QUERY, actAs: 'user' } },
      { method: 'POST', body: { query: QUERY }, headers: AS_USER },
    ]) {
      const answer = await app.call(`${path}/hunts`, { ...options, roles });
      expect(expectProblem(answer, 403, 'request.forbidden').detail).toMatch(/names no user/);
    }
    const get = await app.call(`${path}/incidents/${incident}`, { roles, headers: AS_USER });
    expectProblem(get, 403, 'request.forbidden');
  });

  test('a user without the scope, with every app role', async () => {
    const as = { scopes: ['openid'], roles: ['Hunts.Run'] };
    expect(
      expectProblem(await hunt({ query: QUERY, actAs: 'user' }, { as }), 403, 'request.forbidden').detail,
    ).toMatch(/lacks the scope access_as_user/);
  });

  test('a user of one customer does not even see another', async () => {
    const answer = await callAs(
      { method: 'POST', body: { query: QUERY, actAs: 'user' }, as: { tenantId: other } },
      `/api/tenants/${tenant}/hunts`,
    );
    expectProblem(answer, 404, 'tenant.unknown');
  });

  test('a user of the home directory must sign in to the customer’s own; a guest there is served', async () => {
    const { home } = app.cloud.world;
    const answer = await callAs(
      { method: 'POST', body: { query: QUERY, actAs: 'user' }, as: { tenantId: home.id } },
      `/api/tenants/${tenant}/hunts`,
    );
    expect(expectProblem(answer, 403, 'user.other_tenant').detail).toMatch(/as a guest or by GDAP/);
    const guest = app.cloud.world.people.find(
      (person) => person.tenantId === tenant && person.guestOf !== undefined && person.part === 'operator',
    );
    const asGuest = await hunt({ query: QUERY, actAs: 'user' }, { as: { userId: guest?.id ?? '' } });
    expect(asGuest.json(), asGuest.text).toMatchObject({ rowCount: 2, askedBy: guest?.id });
  });

  test('a reader who writes lacks the role in Defender', async () => {
    const answer = await update({ status: 'resolved', actAs: 'user' }, { as: { part: 'reader' } });
    expect(expectProblem(answer, 403, 'user.role_missing').detail).toMatch(
      /lacks a role in Microsoft Defender/,
    );
    expect(app.cloud.defender.tenant(tenant).get(incident)).toMatchObject({ status: 'active' });
  });
});

type Answerer = () => Promise<Answer>;

describe('what stands between', () => {
  test('a second factor: the challenge goes to the client, and with its claims met the call is served', async () => {
    const id = '77777777-7777-4777-8777-777777777777';
    directoryOf(tenant).conditionalAccess = [{ id, demand: 'mfa', resource: GRAPH }];
    const refused = await read();
    expectProblem(refused, 401, 'user.claims_required');
    expect(challengeIn(refused)).toEqual({ access_token: { capolids: { essential: true, values: [id] } } });
    expect((await read({ as: { hasSecondFactor: true } })).status).toBe(200);
  });

  test('a context that Graph asks for: one more exchange, then the challenge, then step-up', async () => {
    const { exchanges } = watch();
    directoryOf(tenant).challenges = [{ kind: 'context', context: 'c1', resource: GRAPH }];
    const refused = await read();
    expectProblem(refused, 401, 'user.claims_required');
    expect(challengeIn(refused)).toEqual({ access_token: { acrs: { essential: true, values: ['c1'] } } });
    expect(exchanges()).toBe(2);
    expect((await read({ as: { contexts: ['c1'] } })).status).toBe(200);
  });

  test('a policy that blocks', async () => {
    const id = '77777777-7777-4777-8777-777777777778';
    directoryOf(tenant).conditionalAccess = [{ id, demand: 'block', resource: GRAPH }];
    const answer = await hunt({ query: QUERY, actAs: 'user' });
    expectProblem(answer, 403, 'user.access_blocked');
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  test('consent that is missing, or lacks the one permission', async () => {
    const api = apiApp();
    const consents = api.consents ?? [];
    try {
      api.consents = [];
      expect(expectProblem(await read(), 403, 'user.consent_missing').detail).toContain(
        `${tenant}/adminconsent?client_id=${api.appId}`,
      );
      api.consents = consents.map((consent) => ({ ...consent, scopes: ['ThreatHunting.Read.All'] }));
      expect(expectProblem(await read(), 403, 'user.consent_missing').detail).toMatch(
        /delegated permission SecurityIncident\.Read\.All/,
      );
    } finally {
      api.consents = consents;
    }
  });

  test('a token that has just expired', async () => {
    const answer = await read({ as: { lifetimeSeconds: -10 } });
    expectProblem(answer, 401, 'user.assertion_expired');
    expect(answer.headers.get('www-authenticate')).toMatch(
      new RegExp(
        `^Bearer authorization_uri="https://login\\.microsoftonline\\.com/${tenant}/oauth2/v2\\.0/authorize", error="invalid_token"$`,
      ),
    );
    expectUnauthenticated(await read({ as: { lifetimeSeconds: -600 } }));
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
    const { calls } = watch();
    const answer = await hunt({ query: QUERY, actAs: 'user' }, { headers });
    expect(expectProblem(answer, 422, 'user.app_context_needed').detail).toContain(name);
    expect(calls('/runHuntingQuery')).toBe(0);
  });

  test.each(['app', 'User', '', 'user, user'])('the word “%s” in the header', async (word) => {
    expectProblem(await read({ headers: { 'outrider-act-as': word } }), 400, 'request.invalid');
  });

  test('another word in the body, for who may be served without', async () => {
    const as = { roles: ['Hunts.Run'] };
    expectProblem(await hunt({ query: QUERY, actAs: 'app' }, { as }), 400, 'request.invalid');
  });

  test('anything on another route', async () => {
    const as = { roles: ['Incidents.Read', 'Hunts.Run', 'Incidents.Sync', 'Hunts.Read'] };
    for (const [method, path, body] of [
      ['GET', `/api/tenants/${tenant}/incidents`, undefined],
      ['POST', `/api/tenants/${tenant}/incidents/sync`, undefined],
      ['POST', '/api/hunts', { query: QUERY }],
      ['GET', '/api/health', undefined],
    ] as const) {
      const answer = await callAs({ method, body, as, headers: AS_USER }, path);
      expect(expectProblem(answer, 400, 'request.invalid').detail, path).toMatch(/Nothing is done in a user/);
    }
  });

  test('a query that the check refuses', async () => {
    expectProblem(await hunt({ query: 'NoSuchTable', actAs: 'user' }), 400, 'hunt.query_invalid');
  });
});

describe('in application context', () => {
  const change = (body: object, of = tenant, id = incident): Promise<Answer> =>
    app.call(`/api/tenants/${of}/incidents/${id}`, { method: 'PATCH', body, roles: ['Incidents.Update'] });

  test('an incident is changed in the app’s name, and the store learns of it', async () => {
    // One that is under way may have read past the change already, and leaves it to the next that is due.
    await app.sync(tenant);
    const answer = await change({ status: 'inProgress', comment: 'seen' });
    expect(answer.json(), answer.text).toMatchObject({
      status: 'inProgress',
      comments: [{ createdByDisplayName: expect.stringMatching(/^API-App:/) }],
      _outrider: { live: true, actedAs: 'app' },
    });
    const path = `/api/tenants/${tenant}/incidents/${incident}`;
    const stored = await waitFor(
      async () => {
        const found = await app.call(path, { roles: ['Incidents.Read'] });
        return found.status === 200 && found.json().status === 'inProgress' ? found.json() : undefined;
      },
      () => 'the store does not learn of it',
    );
    expect(stored).toMatchObject({ comments: [{ comment: 'seen' }] });
  });

  test('one that the service refuses says why, in the service’s own words', async () => {
    const { id } = app.cloud.defender.tenant(other).createIncident();
    const refused = await change({ determination: 'securityPersonnel' }, other, id);
    expect(expectProblem(refused, 400, 'incident.update_refused').serviceMessage).toMatch(
      /'determination' is not valid/,
    );
    expect((await change({ determination: 'notMalicious' }, other, id)).json()).toMatchObject({
      determination: 'notMalicious',
      _outrider: { family: 'xdr', actedAs: 'app' },
    });
  });

  test('without the permission of the API nothing is changed', async () => {
    const { id } = app.cloud.defender.tenant(third).createIncident({ status: 'active' });
    const refused = await change({ status: 'resolved' }, third, id);
    expect(expectProblem(refused, 502, 'upstream.forbidden').detail).toMatch(/ReadWrite\.All/);
    expect(app.cloud.defender.tenant(third).get(id)).toMatchObject({ status: 'active' });
  });

  test('what is not there, and what is no change', async () => {
    expectProblem(await change({ status: 'active' }, tenant, '999999'), 404, 'request.not_found');
    expect(expectProblem(await change({}), 400, 'request.invalid').detail).toMatch(
      /Nothing is to be changed/,
    );
    const wrong = { status: null, classification: 'x', determination: 'Malware', comment: ' ', tags: [] };
    expect(expectProblem(await change(wrong), 400, 'request.invalid').errors).toHaveLength(5);
  });
});
