import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
} from 'node:crypto';
import type { Cloud } from '../../lab/cloud.ts';

/** A token that the API must refuse, and the word of the answer that says why. */
export interface BadToken {
  readonly name: string;
  readonly why: RegExp;
  /** The whole `authorization` header. */
  make(cloud: Cloud): Promise<string>;
}

const ROLES = ['Incidents.Read', 'Incidents.Sync'];
const base64url = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const bearer = (token: string): string => `Bearer ${token}`;

function partsOf(token: string): {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  signature: string;
} {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const read = (part: string) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return { header: read(header), claims: read(claims), signature };
}

/** A token in all rights, from the lab's Entra ID, with what the order changes. */
async function issue(
  cloud: Cloud,
  order: Partial<Parameters<Cloud['entra']['issue']>[0]> = {},
): Promise<string> {
  const { world, entra } = cloud;
  return entra.issue({
    tenantId: world.home.id,
    appId: world.caller.clientId,
    audience: world.api.clientId,
    roles: ROLES,
    ...order,
  });
}

/** The key that the directory publishes, as everybody can fetch it. */
async function publicKeyOf(cloud: Cloud): Promise<JsonWebKey> {
  const url = new URL(`https://login.microsoftonline.com/${cloud.world.home.id}/discovery/v2.0/keys`);
  const request = { method: 'GET', url, rawTarget: url.pathname, headers: {}, body: Buffer.alloc(0) };
  const { body } = await cloud.entra.service.handle(request);
  const [key] = (body as { keys: JsonWebKey[] }).keys;
  if (key === undefined) throw new Error('the directory publishes no key');
  return key;
}

/** The good token with another header and a signature made of header and claims. */
async function resigned(
  cloud: Cloud,
  header: object,
  signatureOf: (input: string) => string | Promise<string>,
): Promise<string> {
  const good = partsOf(await issue(cloud));
  const input = `${base64url({ ...good.header, ...header })}.${base64url(good.claims)}`;
  return bearer(`${input}.${await signatureOf(input)}`);
}

export const BAD_TOKENS: readonly BadToken[] = [
  { name: 'an empty one', why: /not a signed/, make: async () => 'Bearer ' },
  { name: 'garbage', why: /not a signed/, make: async () => 'Bearer garbage' },
  {
    name: 'three parts of garbage',
    why: /not a token signed with RS256/,
    make: async () => 'Bearer YWJj.ZGVm.Z2hp',
  },
  { name: 'another scheme', why: /not a signed/, make: async (cloud) => `Basic ${await issue(cloud)}` },
  {
    name: 'one that has expired',
    why: /expired/,
    make: async (cloud) => bearer(await issue(cloud, { lifetimeSeconds: -120 })),
  },
  {
    name: 'one for another audience',
    why: /another audience/,
    make: async (cloud) => bearer(await issue(cloud, { audience: 'https://graph.microsoft.com' })),
  },
  {
    name: 'one for another app',
    why: /another audience/,
    make: async (cloud) => bearer(await issue(cloud, { audience: cloud.world.reader.clientId })),
  },
  {
    name: 'one of another directory',
    why: /another directory/,
    make: async (cloud) => bearer(await issue(cloud, { tenantId: cloud.world.tenants[0]?.id ?? '' })),
  },
  {
    name: 'alg none without signature',
    why: /not a signed/,
    make: (cloud) => resigned(cloud, { alg: 'none' }, () => ''),
  },
  {
    name: 'alg none with a signature',
    why: /not a token signed with RS256/,
    make: async (cloud) => {
      const { signature } = partsOf(await issue(cloud));
      return resigned(cloud, { alg: 'none' }, () => signature);
    },
  },
  {
    name: 'HS256 by the public key',
    why: /not a token signed with RS256/,
    make: async (cloud) => {
      const key = createPublicKey({ key: await publicKeyOf(cloud), format: 'jwk' });
      const pem = key.export({ type: 'spki', format: 'pem' });
      return resigned(cloud, { alg: 'HS256' }, (input) =>
        createHmac('sha256', pem).update(input).digest('base64url'),
      );
    },
  },
  {
    name: 'one signed by a stranger under the key id of the directory',
    why: /signature/,
    make: (cloud) => resigned(cloud, {}, strangersSignature),
  },
  {
    name: 'one signed by a stranger under an unknown key id',
    why: /signature/,
    make: (cloud) => resigned(cloud, { kid: 'stranger' }, strangersSignature),
  },
  {
    name: 'one that brings its own key',
    why: /signature/,
    make: (cloud) =>
      resigned(
        cloud,
        { jwk: STRANGER.publicKey.export({ format: 'jwk' }), kid: undefined },
        strangersSignature,
      ),
  },
  {
    name: 'one with more roles than were signed',
    why: /signature/,
    make: async (cloud) => {
      const token = await issue(cloud, { roles: [] });
      const { header, claims, signature } = partsOf(token);
      return bearer(`${base64url(header)}.${base64url({ ...claims, roles: ROLES })}.${signature}`);
    },
  },
  {
    name: 'one with an extension that must be understood',
    why: /not a token signed with RS256/,
    make: (cloud) => resigned(cloud, { crit: ['exp'], exp: 1 }, strangersSignature),
  },
];

const STRANGER = generateKeyPairSync('rsa', { modulusLength: 2048 });

function strangersSignature(input: string): string {
  const key = createPrivateKey(STRANGER.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return sign('sha256', Buffer.from(input), key).toString('base64url');
}
