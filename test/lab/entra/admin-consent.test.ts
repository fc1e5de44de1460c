import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ADMIN,
  accessToken,
  CUSTOMER,
  createLab,
  GRAPH,
  GUEST,
  HOME,
  type Lab,
  READER,
  tokenRequest,
  verdictOf,
} from './fixture.ts';
import { byService, createVisitor, type Visit, type Visitor } from './visitor.ts';

const CALLBACK = 'https://outrider.example/api/callback';
const XDR = 'https://api.security.microsoft.com';

let lab: Lab;
let visitor: Visitor;
beforeEach(() => {
  lab = createLab();
  visitor = createVisitor(byService(lab.entra.service));
  delete lab.reader.grants[CUSTOMER];
  Object.assign(lab.reader, {
    isMultiTenant: true,
    redirectUris: [CALLBACK],
    requires: [
      { resource: GRAPH, roles: ['SecurityIncident.Read.All'], scopes: ['User.Read'] },
      { resource: XDR, roles: ['Incident.Read.All'], scopes: [] },
    ],
  });
});

function linkOf(
  parameters: Readonly<Record<string, string>> = {},
  path = 'v2.0/adminconsent',
  tenant = CUSTOMER,
) {
  const url = new URL(`https://login.microsoftonline.com/${tenant}/${path}`);
  const fields = {
    client_id: READER,
    redirect_uri: CALLBACK,
    state: 's&1',
    scope: `${GRAPH}/.default`,
    ...parameters,
  };
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  return url;
}

const asAdmin = async (url: URL): Promise<Visit> =>
  (await visitor.open(url)).submit('account', { user: ADMIN });
const answerOf = ({ location }: Visit) => Object.fromEntries(location?.searchParams ?? []);
const tokenFor = (scope: string) => lab.entra.service.handle(tokenRequest({ scope }));

test('an admin sees app and permissions; accepting installs the app with them', async () => {
  expect(verdictOf(await tokenFor(`${GRAPH}/.default`)).number).toBe(700016);
  const page = await asAdmin(linkOf());
  expect(page.text).toContain('Outrider incident reader');
  expect(page.text).toContain('Fabrikam');
  expect(page.text).toContain('SecurityIncident.Read.All');
  expect(page.text).not.toContain('Incident.Read.All</code> <span class="note">of https://api.security');
  const visit = await page.submit('consent');
  expect(visit.location?.href.startsWith(`${CALLBACK}?`)).toBe(true);
  expect(answerOf(visit)).toEqual({
    admin_consent: 'True',
    tenant: CUSTOMER,
    state: 's&1',
    scope: `${GRAPH}/.default`,
  });
  expect(decodeJwt(accessToken(await tokenFor(`${GRAPH}/.default`))).roles).toEqual([
    'SecurityIncident.Read.All',
  ]);
  expect(decodeJwt(accessToken(await tokenFor(`${XDR}/.default`))).roles).toBeUndefined();
  expect(lab.reader.consents).toEqual([{ tenantId: CUSTOMER, resource: GRAPH, scopes: ['User.Read'] }]);
});

test('the older address needs no scope, and is about all that the registration asks for', async () => {
  const url = linkOf({}, 'adminconsent');
  url.searchParams.delete('scope');
  const visit = await (await asAdmin(url)).submit('consent');
  expect(answerOf(visit)).toEqual({ admin_consent: 'True', tenant: CUSTOMER, state: 's&1' });
  expect(decodeJwt(accessToken(await tokenFor(`${XDR}/.default`))).roles).toEqual(['Incident.Read.All']);
});

test('it adds to what was granted before', async () => {
  lab.reader.grants[CUSTOMER] = { [GRAPH]: ['ThreatHunting.Read.All'] };
  await (await asAdmin(linkOf())).submit('consent');
  expect(lab.reader.grants[CUSTOMER]).toEqual({
    [GRAPH]: ['ThreatHunting.Read.All', 'SecurityIncident.Read.All'],
  });
});

test('at `organizations` the tenant is the admin’s', async () => {
  const visit = await (await asAdmin(linkOf({}, 'v2.0/adminconsent', 'organizations'))).submit('consent');
  expect(answerOf(visit).tenant).toBe(CUSTOMER);
});

test('an app without any address leaves the admin on a page, with the consent given', async () => {
  lab.reader.redirectUris = [];
  const url = linkOf({}, 'adminconsent');
  url.searchParams.delete('redirect_uri');
  const visit = await (await asAdmin(url)).submit('consent');
  expect(visit.location).toBeUndefined();
  expect(visit.text).toContain('AADSTS500113');
  expect(lab.reader.grants[CUSTOMER]).toMatchObject({ [XDR]: ['Incident.Read.All'] });
});

describe('nothing is granted', () => {
  test.each(['access_denied', 'consent_required', 'permission_denied'] as const)(
    'when the admin declines, told as %s beside admin_consent=True',
    async (error) => {
      lab.entra.settings.consentRefusal = error;
      const visit = await (await asAdmin(linkOf())).submit('cancel');
      expect(answerOf(visit)).toEqual({
        error,
        error_description: expect.stringContaining('AADSTS65004'),
        admin_consent: 'True',
        state: 's&1',
      });
      expect(lab.reader.grants[CUSTOMER]).toBeUndefined();
    },
  );

  test('when a user is no admin, who cannot send the form either', async () => {
    const page = await (await visitor.open(linkOf())).submit('account', { user: GUEST });
    expect(page.text).toContain('Only an administrator');
    const flow = page.hidden.flow ?? '';
    const login = `https://login.microsoftonline.com/${CUSTOMER}/login`;
    const form = new URLSearchParams({ flow, step: 'consent' });
    await byService(lab.entra.service)(new URL(login), form);
    expect(lab.reader.grants[CUSTOMER]).toBeUndefined();
    expect(answerOf(await page.submit('back')).error).toBe('access_denied');
  });

  test('when the tenant does not have a service that the app asks for', async () => {
    const customer = lab.directory.tenants[1];
    if (customer) customer.resources = [GRAPH];
    const page = await asAdmin(linkOf());
    expect(page.text).toContain(XDR);
    expect(answerOf(await page.submit('back')).error_description).toContain('AADSTS650052');
    expect(lab.reader.grants[CUSTOMER]).toBeUndefined();
  });

  test.each([
    ['an address that is not registered', { redirect_uri: 'https://evil.example' }, 'AADSTS50011'],
    ['no scope', { scope: '' }, 'AADSTS900144'],
    ['an unknown app', { client_id: HOME }, 'AADSTS700016'],
  ])('for a link with %s', async (_what, parameters, number) => {
    const visit = await visitor.open(linkOf(parameters));
    expect(visit.location).toBeUndefined();
    expect(visit.text).toContain(number);
  });

  test('for an app of one tenant, at another', async () => {
    lab.reader.isMultiTenant = false;
    expect((await visitor.open(linkOf())).text).toContain('AADSTS700016');
    expect((await visitor.open(linkOf({}, 'v2.0/adminconsent', HOME))).title).toBe('Pick an account');
  });
});
