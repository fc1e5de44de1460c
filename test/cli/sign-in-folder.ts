import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyStore } from '../../cli/sign-in/key-store.ts';
import { createSignInStore, type SignIn, type SignInStore } from '../../cli/sign-in/sign-in-store.ts';
import { systemClock } from '../../shared/clock.ts';

export const CLIENT_ID = '11111111-2222-4333-8444-00000000000c';

/** A sign-in whose cache is as large as that of a person with tokens for several tenants. */
export function signInOf(accountId: string, cache = 'c'.repeat(60_000)): SignIn {
  return {
    clientId: CLIENT_ID,
    cloud: 'global',
    tenantId: '11111111-2222-4333-8444-000000000001',
    accountId,
    username: `${accountId}@fabrikam.example`,
    cache,
  };
}

/** As Windows Credential Manager: at most 2,560 bytes of UTF-16. */
export function createLimitedKeyStore(): KeyStore & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    get: async (name) => entries.get(name),
    async set(name, value) {
      if (Buffer.byteLength(value, 'utf16le') > 2_560) throw new Error('the value is longer than 2560 bytes');
      entries.set(name, value);
    },
    async delete(name) {
      entries.delete(name);
    },
  };
}

export const NO_KEY_STORE: KeyStore = {
  get: () => Promise.reject(new Error('no desktop session with a Secret Service')),
  set: () => Promise.reject(new Error('no desktop session with a Secret Service')),
  delete: () => Promise.reject(new Error('no desktop session with a Secret Service')),
};

/** A store in a folder of its own. */
export async function createTestStore(keyStore: KeyStore): Promise<{
  readonly store: SignInStore;
  readonly folder: string;
  readonly path: string;
  /** What the person was told. */
  readonly told: string[];
  /** The same folder as another command sees it. */
  again(other?: KeyStore): SignInStore;
  dispose(): Promise<void>;
}> {
  const root = await mkdtemp(join(tmpdir(), 'outrider-test-'));
  const folder = join(root, 'state', 'outrider');
  const told: string[] = [];
  const again = (other = keyStore): SignInStore =>
    createSignInStore({
      folder,
      clientId: CLIENT_ID,
      keyStore: other,
      clock: systemClock,
      tell: (line) => told.push(line),
    });
  return {
    store: again(),
    folder,
    path: join(folder, `${CLIENT_ID}.json`),
    told,
    again,
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}
