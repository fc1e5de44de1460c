import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import Provider from 'oidc-provider';
import { createCertificates } from '../../lab/net/ca.ts';

/** A certified OpenID provider that is not ours, over https on this machine, and a person who signs in to it. */
export interface OidcIssuer {
  readonly origin: string;
  /** Forms of requests to the token endpoint. */
  readonly tokenRequests: readonly URLSearchParams[];
  /** Ends the redirects in the pages as this person; gives back where the browser is sent at last. */
  signIn(url: string, login: string): Promise<URL>;
  stop(): Promise<void>;
}

export const OIDC_CLIENT = '11111111-2222-4333-8444-00000000000d';

/** Trusts the issuer's certificate in this whole process. */
export async function startOidcIssuer(): Promise<OidcIssuer> {
  const { authority, certificate, key } = await createCertificates([]);
  setDefaultCACertificates([...getCACertificates('default'), authority]);
  const server = createServer({ cert: certificate, key }).listen(0, 'localhost');
  await once(server, 'listening');
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const tokenRequests: URLSearchParams[] = [];
  const provider = new Provider(origin, {
    clients: [
      {
        client_id: OIDC_CLIENT,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://localhost'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    conformIdTokenClaims: false,
    ttl: {
      AccessToken: 3_600,
      IdToken: 3_600,
      RefreshToken: 86_400,
      Session: 3_600,
      Grant: 3_600,
      Interaction: 3_600,
    },
    cookies: { keys: ['a key of this test alone'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Person ${id}`, preferred_username: `${id}@oidc.example` }),
    }),
  });
  provider.on('grant.success', ({ oidc }) => tokenRequests.push(formOf(oidc.params)));
  provider.on('grant.error', ({ oidc }) => tokenRequests.push(formOf(oidc.params)));
  server.on('request', provider.callback());
  return {
    origin,
    tokenRequests,
    signIn: (url, login) => walk(url, login, origin),
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function formOf(params: Readonly<Record<string, unknown>> | undefined): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (typeof value === 'string') form.set(name, value);
  }
  return form;
}

/** A browser with cookies that fills in whatever form it is shown. */
async function walk(start: string, login: string, origin: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  let form: URLSearchParams | undefined;
  for (let steps = 0; steps < 20; steps += 1) {
    if (url.origin !== origin) return url;
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: form } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const text = await response.text();
    const location = response.headers.get('location');
    const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1];
    if (location !== null) {
      url = new URL(location, url);
      form = undefined;
    } else if (prompt !== undefined) {
      url = new URL(/action="([^"]+)"/.exec(text)?.[1] ?? '', url);
      form = new URLSearchParams({ prompt, login, password: 'any' });
    } else throw new Error(`The issuer shows no form (${response.status}): ${text.slice(0, 400)}`);
  }
  throw new Error('The sign-in does not end.');
}
