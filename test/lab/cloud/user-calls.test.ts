import { beforeEach, expect, test } from 'vitest';
import { personOf } from '../../../lab/people.ts';
import type { LabAnswer } from '../../../lab/service.ts';
import { createStandIns, type StandIns } from '../../../lab/stand-ins.ts';
import { issueUserToken, type UserTokenOptions } from '../../../lab/user-token.ts';
import { request } from '../entra/fixture.ts';

const GRAPH = 'https://graph.microsoft.com';

let lab: StandIns;
let customer: string;
beforeEach(() => {
  lab = createStandIns({ clock: { now: Date.now } });
  customer = lab.world.tenants[0]?.id ?? '';
});

/** What the federation identity vouches with. */
async function identityToken(): Promise<string> {
  const { clientId } = lab.world.identities.federation;
  const url = `http://127.0.0.1/msi/token?api-version=2019-08-01&resource=api://AzureADTokenExchange&client_id=${clientId}`;
  const answer = await lab.identityService.handle(
    request('GET', url, { headers: { 'x-identity-header': lab.identityHeader } }),
  );
  return (answer.body as { access_token: string }).access_token;
}

/** A person's token for the API, exchanged in the customer's tenant as the app of the API does it. */
async function exchanged(options: UserTokenOptions, claims?: string): Promise<LabAnswer> {
  const { world, entra, directory } = lab;
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    client_id: world.api.clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await identityToken(),
    assertion: await issueUserToken({ entra, world, directory }, options),
    scope: `${GRAPH}/.default`,
    ...(claims === undefined ? {} : { claims }),
  });
  const url = `https://login.microsoftonline.com/${customer}/oauth2/v2.0/token`;
  return entra.service.handle(request('POST', url, { body: Buffer.from(form.toString()) }));
}

/** Reads the customer's incidents in Graph. */
async function read(options: UserTokenOptions, claims?: string): Promise<LabAnswer> {
  const { access_token: token } = (await exchanged(options, claims)).body as { access_token: string };
  const graph = lab.services.find(({ name }) => name === 'graph');
  if (graph === undefined) throw new Error('The lab has no Graph.');
  const headers = { authorization: `Bearer ${token}` };
  return graph.handle(request('GET', `${GRAPH}/v1.0/security/incidents`, { headers }));
}

test('a customer’s people read as far as their roles allow, without a secret anywhere', async () => {
  expect((await read({ part: 'operator', tenantId: customer })).status).toBe(200);
  expect((await read({ part: 'reader', tenantId: customer })).status).toBe(200);
  expect((await read({ part: 'outsider', tenantId: customer })).status).toBe(403);
});

test('a partner’s people read as the guests they are; who is none gets no token', async () => {
  expect((await read({ part: 'operator' })).status).toBe(200);
  expect((await exchanged({ part: 'outsider' })).body).toMatchObject({ error_codes: [50020] });
});

test('a challenge of Graph is met by a sign-in that has its context', async () => {
  const tenant = lab.directory.tenants.find(({ id }) => id === customer);
  if (tenant) tenant.challenges = [{ kind: 'context', context: 'c1' }];
  const person = { part: 'operator', tenantId: customer } as const;
  const challenged = await read(person);
  expect(challenged.status).toBe(401);
  const encoded = /claims="([^"]+)"/.exec(challenged.headers?.['www-authenticate'] ?? '')?.[1] ?? '';
  const claims = Buffer.from(encoded, 'base64').toString();
  expect((await exchanged(person, claims)).body).toMatchObject({ error: 'interaction_required' });
  expect((await read({ ...person, contexts: ['c1'] }, claims)).status).toBe(200);
});

test('who is no longer there has no way in, from the next call on', async () => {
  const { id } = personOf(lab.world, customer, 'reader');
  const user = lab.directory.users.find((one) => one.id === id);
  if (user) user.isEnabled = false;
  const person = { part: 'reader', tenantId: customer } as const;
  expect((await exchanged(person)).body).toMatchObject({ error_codes: [50057] });
});
