import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import { generate } from 'selfsigned';
import { thumbprint } from './thumbprint.ts';

/** A public key as the keys endpoint shows it. */
export interface PublishedKey {
  readonly kty: 'RSA';
  readonly use: 'sig';
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
  readonly x5c: readonly string[];
}

export interface SigningKeys {
  /** Signs claims as an RS256 JWT with the newest key. */
  sign(claims: object): Promise<string>;
  /** The claims of a JWT that one of the published keys signed; undefined for any other string. */
  verify(token: string): Promise<Record<string, unknown> | undefined>;
  published(): Promise<readonly PublishedKey[]>;
  /** Signs with a new key from now on; older ones stay published. */
  rotate(): Promise<void>;
  /** Takes all keys but the newest off the list: what they signed no longer verifies. */
  dropOld(): Promise<void>;
}

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly published: PublishedKey;
}

/** The keys of one Entra ID, shared by all tenants as in the real one; the first is made on first use. */
export function createSigningKeys(): SigningKeys {
  let keys: Promise<readonly SigningKey[]> | undefined;
  const all = (): Promise<readonly SigningKey[]> => {
    keys ??= createKey().then((key) => [key]);
    return keys;
  };
  return {
    async sign(claims) {
      const key = newest(await all());
      const header = { typ: 'JWT', alg: 'RS256', x5t: key.published.x5t, kid: key.published.kid };
      return new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader(header)
        .sign(key.privateKey);
    },
    verify: async (token) => verifyWith(await all(), token),
    published: async () => (await all()).map((key) => key.published),
    async rotate() {
      const known = await all();
      const added = await createKey();
      keys = Promise.resolve([...known, added]);
    },
    async dropOld() {
      keys = Promise.resolve([newest(await all())]);
    },
  };
}

async function verifyWith(
  keys: readonly SigningKey[],
  token: string,
): Promise<Record<string, unknown> | undefined> {
  try {
    const { payload } = await compactVerify(
      token,
      ({ kid }) => {
        const key = keys.find((candidate) => candidate.published.kid === kid);
        if (key === undefined) throw new Error('no such key');
        return key.publicKey;
      },
      { algorithms: ['RS256'] },
    );
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}

async function createKey(): Promise<SigningKey> {
  const pems = await generate([{ name: 'commonName', value: 'accounts.accesscontrol.windows.net' }], {
    keyType: 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
  });
  const certificate = new X509Certificate(pems.cert);
  const { n = '', e = '' } = certificate.publicKey.export({ format: 'jwk' });
  const x5t = thumbprint(certificate, 'sha1');
  return {
    privateKey: createPrivateKey(pems.private),
    publicKey: certificate.publicKey,
    published: {
      kty: 'RSA',
      use: 'sig',
      kid: x5t,
      x5t,
      n,
      e,
      x5c: [certificate.raw.toString('base64')],
    },
  };
}

function newest(keys: readonly SigningKey[]): SigningKey {
  const key = keys.at(-1);
  if (key === undefined) throw new Error('Entra ID has no signing key.');
  return key;
}
