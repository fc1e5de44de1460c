import {
  ConfidentialClientApplication,
  CryptoProvider,
  InteractionRequiredAuthError,
  PublicClientApplication,
} from '@azure/msal-node';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ANALYST,
  API,
  API_SECRET,
  CLI,
  CUSTOMER,
  createLab,
  GRAPH,
  GUEST,
  HOME,
  type Lab,
  userToken,
} from './fixture.ts';
import { createVisitor } from './visitor.ts';
import { startWire, type Wire } from './wire.ts';

const HOST = 'https://login.microsoftonline.com';
const ANA = 'ana@contoso.example';
const SCOPES = [`api://${API}/access_as_user`];
const POLICY = '77777777-7777-4777-8777-777777777777';

let lab: Lab;
let wire: Wire;
const visitor = createVisitor();

beforeAll(async () => {
  lab = createLab(Date.now());
  wire = await startWire([lab.entra.service], lab.clock);
});
beforeEach(() => {
  lab.clock.time = Date.now();
  for (const tenant of lab.directory.tenants) tenant.conditionalAccess = [];
});
afterAll(() => wire?.stop());

const publicClient = (tenant = HOME): PublicClientApplication =>
  new PublicClientApplication({ auth: { clientId: CLI, authority: `${HOST}/${tenant}` } });

describe('on behalf of a user', () => {
  const middleTier = (tenant = HOME): ConfidentialClientApplication =>
    new ConfidentialClientApplication({
      auth: {
        clientId: API,
        clientSecret: API_SECRET,
        authority: `${HOST}/${tenant}`,
        clientCapabilities: ['cp1'],
      },
    });

  test('a token of Graph, kept for this user', async () => {
    const oboAssertion = await userToken(lab);
    const app = middleTier();
    const result = await app.acquireTokenOnBehalfOf({ scopes: [`${GRAPH}/.default`], oboAssertion });
    expect(decodeJwt(result?.accessToken ?? '')).toMatchObject({ aud: GRAPH, oid: ANALYST, xms_cc: ['cp1'] });
    expect(result?.account?.username).toBe(ANA);
    lab.entra.requests.reset();
    const again = await app.acquireTokenOnBehalfOf({ scopes: [`${GRAPH}/.default`], oboAssertion });
    expect(again?.accessToken).toBe(result?.accessToken);
    expect(lab.entra.requests.of(HOME).token).toBe(0);
  });

  test('a claims challenge as msal tells it', async () => {
    const [home] = lab.directory.tenants;
    if (home) home.conditionalAccess = [{ id: POLICY, demand: 'mfa', resource: GRAPH }];
    const oboAssertion = await userToken(lab);
    const failed = middleTier().acquireTokenOnBehalfOf({ scopes: [`${GRAPH}/.default`], oboAssertion });
    const error: unknown = await failed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InteractionRequiredAuthError);
    expect(error).toMatchObject({
      errorCode: 'interaction_required',
      errorNo: 50076,
      claims: `{"access_token":{"capolids":{"essential":true,"values":["${POLICY}"]}}}`,
    });
  });

  test('consent that nobody gave', async () => {
    const oboAssertion = await userToken(lab);
    const scopes = [`${GRAPH}/SecurityIncident.ReadWrite.All`];
    const error: unknown = await middleTier()
      .acquireTokenOnBehalfOf({ scopes, oboAssertion })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      errorCode: 'invalid_grant',
      errorNo: 65001,
      subError: 'consent_required',
    });
  });
});

describe('by authorization code', () => {
  async function signIn(app: PublicClientApplication, user = ANA) {
    const crypto = new CryptoProvider();
    const { verifier, challenge } = await crypto.generatePkceCodes();
    const redirectUri = 'http://localhost:51234';
    const url = await app.getAuthCodeUrl({
      scopes: SCOPES,
      redirectUri,
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
      state: 'here & there',
      prompt: 'select_account',
    });
    const { location } = await visitor.signIn(url, user);
    expect(location?.host).toBe('localhost:51234');
    expect(location?.searchParams.get('state')).toBe('here & there');
    const code = location?.searchParams.get('code') ?? '';
    return app.acquireTokenByCode({ scopes: SCOPES, redirectUri, code, codeVerifier: verifier });
  }

  test('tokens of the API, and of Graph without another sign-in', async () => {
    const app = publicClient();
    const result = await signIn(app);
    expect(decodeJwt(result.accessToken)).toMatchObject({
      aud: API,
      azp: CLI,
      azpacr: '0',
      oid: ANALYST,
      roles: ['Incidents.Read'],
      scp: 'access_as_user',
    });
    expect(result.account).toMatchObject({
      username: ANA,
      tenantId: HOME,
      homeAccountId: `${ANALYST}.${HOME}`,
    });
    const [account] = await app.getAllAccounts();
    if (account === undefined) throw new Error('msal has kept no account');
    const silent = await app.acquireTokenSilent({ account, scopes: [`${GRAPH}/.default`] });
    expect(decodeJwt(silent.accessToken)).toMatchObject({ aud: GRAPH, scp: 'SecurityIncident.Read.All' });
  });

  test('with any tenant, and then as a guest of another', async () => {
    const app = publicClient('organizations');
    const { account } = await signIn(app);
    if (account === null) throw new Error('msal has kept no account');
    const authority = `${HOST}/${CUSTOMER}`;
    lab.api.grants[CUSTOMER] = {};
    const there = await app.acquireTokenSilent({ account, scopes: SCOPES, authority, forceRefresh: true });
    expect(decodeJwt(there.accessToken)).toMatchObject({ tid: CUSTOMER, oid: GUEST });
  });

  test('once the sign-in was ended, silence no longer works', async () => {
    const app = publicClient();
    const { account } = await signIn(app);
    if (account === null) throw new Error('msal has kept no account');
    lab.entra.endSignIns(ANALYST);
    const error: unknown = await app
      .acquireTokenSilent({ account, scopes: SCOPES, forceRefresh: true })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InteractionRequiredAuthError);
    expect(error).toMatchObject({ errorCode: 'invalid_grant', errorNo: 50173 });
  });
});

test('msal’s own interactive sign-in, over its loopback server', async () => {
  let done: Promise<Response> | undefined;
  const result = await publicClient().acquireTokenInteractive({
    scopes: SCOPES,
    async openBrowser(url) {
      const { location, ...page } = await visitor.signIn(url, ANA);
      // By form_post the page sends itself; by query the browser follows.
      done = location
        ? fetch(location)
        : fetch(/action="([^"]+)"/.exec(page.text)?.[1] ?? '', {
            method: 'POST',
            body: new URLSearchParams(page.hidden),
          });
    },
    successTemplate: 'done',
  });
  expect((await done)?.ok).toBe(true);
  expect(decodeJwt(result.accessToken)).toMatchObject({ aud: API, oid: ANALYST });
});

test('by device code, entered on another device', async () => {
  const result = await publicClient().acquireTokenByDeviceCode({
    scopes: SCOPES,
    deviceCodeCallback({ verificationUri, userCode }) {
      void visitor
        .open(verificationUri)
        .then((page) => page.submit(undefined, { otc: userCode.toLowerCase() }))
        .then((page) => visitor.goOn(page, ANA));
    },
  });
  expect(decodeJwt(result?.accessToken ?? '')).toMatchObject({ aud: API, oid: ANALYST });
});
