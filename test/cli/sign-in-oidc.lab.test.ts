import { createHash } from 'node:crypto';
import { ProtocolMode } from '@azure/msal-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPerson } from '../../cli/sign-in/person.ts';
import { type BrowserFlowOptions, signInWithBrowser } from '../../cli/sign-in/sign-in-flows.ts';
import type { SignInService } from '../../cli/sign-in/sign-in-service.ts';
import { systemClock } from '../../shared/clock.ts';
import { OIDC_CLIENT, type OidcIssuer, startOidcIssuer } from './oidc-issuer.ts';
import { createTestStore, NO_KEY_STORE } from './sign-in-folder.ts';

// The lab's own Entra ID is written by the same hands as our client: this issuer is certified by others.

let issuer: OidcIssuer;
let service: SignInService;

beforeAll(async () => {
  issuer = await startOidcIssuer();
  service = {
    origin: issuer.origin,
    authority: () => issuer.origin,
    protocol: ProtocolMode.OIDC,
    prompt: 'consent',
  };
});
afterAll(() => issuer?.stop());

const NO_PROXY = { url: undefined, used: false };

/** Signs in with a browser that does as it is told. */
function flow(options: Partial<BrowserFlowOptions> & Pick<BrowserFlowOptions, 'openBrowser'>) {
  return signInWithBrowser({
    service,
    clock: systemClock,
    proxy: NO_PROXY,
    clientId: OIDC_CLIENT,
    tenant: 'any',
    scopes: ['openid'],
    audience: undefined,
    again: 'outrider login',
    signal: AbortSignal.timeout(30_000),
    tell: () => {},
    port: 0,
    ...options,
  });
}

/** Signs in, then does something to the address that the browser is sent back to. */
const browserOf =
  (change: (back: URL) => Promise<unknown>) =>
  async (url: string): Promise<undefined> => {
    void issuer.signIn(url, 'ana').then(change);
    return undefined;
  };

it('code and PKCE, then a refresh: what we send passes a certified issuer', async () => {
  let authorize = new URL('about:blank');
  let page = '';
  const signIn = await flow({
    openBrowser: async (url) => {
      authorize = new URL(url);
      return browserOf(async (back) => {
        page = await (await fetch(back)).text();
      })(url);
    },
  });
  expect(signIn).toMatchObject({ clientId: OIDC_CLIENT, username: 'ana@oidc.example' });
  expect(page).toMatch(/You can close this page/);
  const asked = authorize.searchParams;
  expect(asked.get('code_challenge_method')).toBe('S256');
  expect(asked.get('state')).toMatch(/^[\w-]{43}$/);
  expect(asked.get('nonce')).toMatch(/^[\w-]{43}$/);
  const verifier = issuer.tokenRequests.at(-1)?.get('code_verifier') ?? '';
  expect(createHash('sha256').update(verifier).digest('base64url')).toBe(asked.get('code_challenge'));
  expect([...(issuer.tokenRequests.at(-1)?.keys() ?? [])]).not.toContain('client_secret');

  const { store, dispose } = await createTestStore(NO_KEY_STORE);
  try {
    await store.replace({ ...signIn, cloud: 'global' });
    const person = createPerson(
      { service, store, clock: systemClock, proxy: NO_PROXY },
      { ...signIn, cloud: 'global' },
    );
    const wish = { scopes: ['openid'], audience: 'this issuer', again: 'outrider login' };
    const sent = issuer.tokenRequests.length;
    const first = await person.token(wish);
    expect(issuer.tokenRequests).toHaveLength(sent);
    const second = await person.token({ ...wish, anew: true });
    expect(issuer.tokenRequests.at(-1)?.get('grant_type')).toBe('refresh_token');
    expect(second.text).not.toBe(first.text);
    expect(second.expiresAt).toBeGreaterThan(Date.now() + 3_000_000);
    // What was refreshed is kept: the issuer has used up the old refresh token.
    expect((await store.read())?.cache).toContain(second.text);
    await store.remove();
    await expect(person.token({ ...wish, anew: true })).rejects.toThrow(/Nobody is signed in|Sign in again/);
  } finally {
    await dispose();
  }
});

it('a code of another sign-in does not pass, for its verifier is another', async () => {
  let stolen = '';
  const thief = new AbortController();
  const robbed = flow({
    signal: thief.signal,
    openBrowser: browserOf(async (back) => {
      stolen = back.searchParams.get('code') ?? '';
      thief.abort(new Error('cancelled'));
    }),
  });
  await expect(robbed).rejects.toThrow('cancelled');
  expect(stolen).not.toBe('');
  const injected = flow({
    openBrowser: async (url) => {
      const asked = new URL(url).searchParams;
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.searchParams.set('state', asked.get('state') ?? '');
      back.searchParams.set('code', stolen);
      void fetch(back);
      return undefined;
    },
  });
  await expect(injected).rejects.toMatchObject({ code: 'auth.refused' });
});

it('an answer with another state is not believed, and does not end the sign-in', async () => {
  const statuses: number[] = [];
  const signIn = await flow({
    openBrowser: browserOf(async (back) => {
      const forged = new URL(back);
      forged.searchParams.set('state', `${back.searchParams.get('state')}x`);
      const without = new URL(back);
      without.searchParams.delete('state');
      for (const url of [forged, without, new URL('/favicon.ico', back), back]) {
        statuses.push((await fetch(url)).status);
      }
    }),
  });
  expect(statuses).toEqual([400, 400, 404, 200]);
  expect(signIn.username).toBe('ana@oidc.example');
});
