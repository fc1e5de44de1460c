import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Adapter, type Configuration } from 'oidc-provider';
import { API, CALLER, CLIENT, type SigningKey } from './directories.ts';

/** Directories played by a certified OpenID provider that is not ours, one issuer for each, on this machine. */
export interface OidcDirectories {
  /** In place of `https://login.microsoftonline.com`. */
  readonly signIn: string;
  /** How often the keys of a directory were asked for. */
  keysAsked(directory: string): number;
  /** A directory with these keys, the first of which signs; in place of the one before. */
  open(directory: string, keys: readonly SigningKey[]): void;
  /** A token for the API, or for another resource, by the client credentials grant; with claims over the usual ones. */
  token(directory: string, order?: TokenOrder): Promise<string>;
  stop(): Promise<void>;
}

export interface TokenOrder {
  /** Resource indicator; default the API. */
  readonly resource?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly algorithm?: 'RS256' | 'PS256';
  /** Default an hour. */
  readonly lifetimeSeconds?: number;
}

const SECRET = 'a secret of this test alone';

export async function startOidcDirectories(): Promise<OidcDirectories> {
  const providers = new Map<string, ReturnType<Provider['callback']>>();
  const asked: string[] = [];
  let order: TokenOrder = {};
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const [, directory = '', path = ''] = /^\/([^/]+)\/(.*)$/.exec(request.url ?? '') ?? [];
    const isKeys = path === 'discovery/v2.0/keys';
    if (isKeys) asked.push(directory);
    const handle = providers.get(directory);
    if (!handle) return void response.writeHead(404).end();
    // Where Entra ID has its endpoints, and where the provider has them.
    request.url = isKeys ? '/jwks' : '/token';
    void handle(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const signIn = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    signIn,
    keysAsked: (directory) => asked.filter((each) => each === directory).length,
    open(directory, keys) {
      const provider = new Provider(
        `${signIn}/${directory}/v2.0`,
        configuration(directory, keys, () => order),
      );
      providers.set(directory, provider.callback());
    },
    async token(directory, wanted = {}) {
      order = wanted;
      const answer = await fetch(`${signIn}/${directory}/oauth2/v2.0/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${CLIENT}:${encodeURIComponent(SECRET)}`)}` },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource: wanted.resource ?? `api://${API}`,
        }),
      });
      const body = (await answer.json()) as { readonly access_token?: string };
      if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
      return body.access_token;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Signed tokens need not be kept by who issues them. */
function keepsNothing(): Adapter {
  const nothing = async (): Promise<undefined> => undefined;
  return {
    upsert: nothing,
    find: nothing,
    findByUserCode: nothing,
    findByUid: nothing,
    consume: nothing,
    destroy: nothing,
    revokeByGrantId: nothing,
  };
}

function configuration(
  directory: string,
  keys: readonly SigningKey[],
  order: () => TokenOrder,
): Configuration {
  return {
    clients: [
      {
        client_id: CLIENT,
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: {
      keys: keys.map(({ kid, privateKey }) => ({
        ...privateKey.export({ format: 'jwk' }),
        kid,
        use: 'sig',
      })) as never,
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: '',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: order().lifetimeSeconds ?? 3_600,
          jwt: { sign: { alg: order().algorithm ?? 'RS256' } },
        }),
      },
    },
    // What Entra ID says besides what the standards ask for.
    extraTokenClaims: () => ({
      tid: directory,
      oid: CALLER,
      azp: CLIENT,
      roles: ['Incidents.Read'],
      ...order().claims,
    }),
    ttl: { ClientCredentials: () => order().lifetimeSeconds ?? 3_600 },
    cookies: { keys: [SECRET] },
    adapter: keepsNothing,
  };
}
