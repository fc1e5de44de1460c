import { beforeEach, describe, expect, test } from 'vitest';
import { revokeConsents } from '../../../lab/entra/consents.ts';
import { ADMIN, ANALYST, API, CUSTOMER, GRAPH, HOME } from './fixture.ts';
import {
  ADAM,
  ANA,
  addressOf,
  bodyOf,
  claimsOf,
  createSignInRig,
  parameter,
  type SignInRig,
} from './sign-in-rig.ts';

let rig: SignInRig;
beforeEach(() => {
  rig = createSignInRig();
});

describe('who may sign in', () => {
  test('users of the tenant, guests too; of any tenant, those who are at home there', async () => {
    const customers = await rig.visitor.open(addressOf({}, CUSTOMER));
    expect(customers.text).toContain(ADAM);
    expect(customers.text).toContain('ana_contoso.example#EXT#@fabrikam.example');
    expect(customers.text).not.toContain(`>${ANA}`);
    const all = await rig.visitor.open(addressOf({}, 'organizations'));
    expect(all.text).toContain(ADAM);
    expect(all.text).not.toContain('#EXT#');
    const hinted = await rig.visitor.open(addressOf({ login_hint: ADAM }, 'common'));
    expect(hinted.text).toContain(ADAM);
    expect(hinted.text).not.toContain(ANA);
  });

  test('not a user that the page did not offer', async () => {
    const page = await rig.visitor.open(addressOf());
    expect((await page.submit('account', { user: ADMIN })).status).toBe(400);
  });

  test('not a disabled one: the page says so, then the application', async () => {
    rig.lab.analyst.isEnabled = false;
    const page = await rig.visitor.signIn(addressOf(), ANA);
    expect(page.text).toContain('disabled');
    expect(parameter(await page.submit('back'), 'error_description')).toContain('AADSTS50057');
  });

  test('at a tenant of another cloud, nobody', async () => {
    const visit = await rig.visitor.open(addressOf({}, '33333333-3333-4333-8333-333333333333'));
    expect(visit.text).toContain('AADSTS90002');
  });
});

describe('consent', () => {
  const WRITE = `${GRAPH}/SecurityIncident.ReadWrite.All`;

  test('of the user is asked for and kept', async () => {
    revokeConsents(rig.lab.cli, HOME);
    const page = await (await rig.visitor.open(addressOf())).submit('account', { user: ANALYST });
    expect(page.title).toBe('Permissions requested');
    expect(page.text).toContain('access_as_user');
    const visit = await page.submit('consent', { all: 'yes' });
    expect((await rig.redeem(parameter(visit, 'code'))).status).toBe(200);
    expect(rig.lab.cli.consents?.filter(({ tenantId }) => tenantId === HOME)).toEqual([
      { tenantId: HOME, resource: API, scopes: ['access_as_user'], userId: ANALYST },
    ]);
  });

  test('declined is told to the application', async () => {
    const page = await (await rig.visitor.open(addressOf({ prompt: 'consent' }))).submit('account', {
      user: ANALYST,
    });
    expect(page.title).toBe('Permissions requested');
    expect(parameter(await page.submit('cancel'), 'error_description')).toContain('AADSTS65004');
  });

  test('to a whole tenant’s data needs an admin', async () => {
    const page = await rig.visitor.signIn(addressOf({ scope: WRITE }), ANA);
    expect(page.text).toContain('administrator');
    expect(parameter(await page.submit('back'), 'error_description')).toContain('AADSTS90094');
  });

  test('of an admin for everybody installs the app', async () => {
    delete rig.lab.cli.grants[CUSTOMER];
    const page = await (await rig.visitor.open(addressOf({ scope: WRITE }, CUSTOMER))).submit('account', {
      user: ADMIN,
    });
    const visit = await page.submit('consent', { all: 'yes' });
    expect(parameter(visit, 'code')).not.toBe('');
    expect(rig.lab.cli.grants[CUSTOMER]).toEqual({});
    expect(rig.lab.cli.consents?.at(-1)).toEqual({
      tenantId: CUSTOMER,
      resource: GRAPH,
      scopes: ['SecurityIncident.ReadWrite.All'],
    });
  });
});

describe('a second factor', () => {
  test('is asked for by policy, and stands behind the tokens', async () => {
    const [home] = rig.lab.directory.tenants;
    if (home) home.conditionalAccess = [{ id: ADMIN, demand: 'mfa' }];
    const page = await (await rig.visitor.open(addressOf())).submit('account', { user: ANALYST });
    expect(page.title).toBe('Confirm that it is you');
    const answer = await rig.redeem(parameter(await page.submit('factor'), 'code'));
    expect(answer.status).toBe(200);
    expect((await rig.refresh(bodyOf(answer).refresh_token)).status).toBe(200);
  });

  test('is asked for by a claims challenge, whose context the token then shows', async () => {
    const claims = JSON.stringify({
      access_token: { acrs: { essential: true, value: 'c1' }, xms_cc: { values: ['cp1'] } },
    });
    const answer = await rig.redeem(await rig.codeFor({ claims }));
    expect(claimsOf(answer)).toMatchObject({ acrs: ['c1'], xms_cc: ['cp1'] });
  });

  test('does not help against a block', async () => {
    const [home] = rig.lab.directory.tenants;
    if (home) home.conditionalAccess = [{ id: ADMIN, demand: 'block' }];
    const page = await rig.visitor.signIn(addressOf(), ANA);
    expect(page.title).toBe('You cannot sign in');
    expect(parameter(await page.submit('back'), 'error_description')).toContain('AADSTS53003');
  });
});

describe('signing out', () => {
  const out = (query: string) =>
    rig.visitor.open(`https://login.microsoftonline.com/${HOME}/oauth2/v2.0/logout?${query}`);

  test('leads back to an address that is registered, and to no other', async () => {
    const target = encodeURIComponent('https://portal.example/back');
    const { location } = await out(`post_logout_redirect_uri=${target}&state=s`);
    expect(location?.href).toBe('https://portal.example/back?state=s');
    const elsewhere = await out('post_logout_redirect_uri=https%3A%2F%2Fevil.example');
    expect([elsewhere.location, elsewhere.title]).toEqual([undefined, 'You signed out of your account']);
  });
});
