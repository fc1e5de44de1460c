import type { ManagedIdentitySource } from '../../shared/auth/managed-identity.ts';
import {
  createTokenSource,
  type TokenSource,
  type TokenSourceOptions,
} from '../../shared/auth/token-source.ts';
import type { SecretReader, VaultSecret } from '../../shared/auth/vault.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { OutriderError } from '../../shared/errors.ts';
import type { GetToken, Tenant } from '../../shared/tenant.ts';
import { createJumpingClock, type JumpingClock } from '../support/jumping-clock.ts';
import { tenantWith } from '../support/tenant-with.ts';
import { createEntraWire, type EntraWire } from './entra-wire.ts';

export const TENANT = '10000000-0000-4000-8000-000000000001';
export const OTHER = '10000000-0000-4000-8000-000000000002';
export const APP = 'aaaaaaaa-0000-4000-8000-00000000000a';

/** A vault whose contents a test changes by hand. */
export interface TestVault extends SecretReader {
  readonly secrets: Map<string, VaultSecret>;
  reads: number;
  fault: OutriderError | undefined;
}

export function createTestVault(): TestVault {
  const vault: TestVault = {
    secrets: new Map([['app-secret', { value: 'secret-value-1', version: '1', contentType: undefined }]]),
    reads: 0,
    fault: undefined,
    async read(name) {
      vault.reads += 1;
      if (vault.fault) throw vault.fault;
      const secret = vault.secrets.get(name);
      if (secret === undefined) throw new OutriderError('vault.not_found', `There is no secret "${name}".`);
      return secret;
    },
  };
  return vault;
}

export function testTenant(id: string, change: Partial<Tenant> = {}): Tenant {
  const credential = { kind: 'secret', clientId: APP, secretName: 'app-secret' } as const;
  return { ...tenantWith({}, id), name: 'Fabrikam', credential, ...change };
}

export interface SourceFixture {
  readonly clock: JumpingClock;
  readonly wire: EntraWire;
  readonly vault: TestVault;
  readonly getToken: GetToken;
  readonly credentialExpiry: TokenSource['credentialExpiry'];
  readonly tenants: Map<string, Tenant>;
  /** The token of a call, time moving on while it waits. */
  token(tenant?: string): Promise<string>;
  /** What a call that must fail throws. */
  failure(tenant?: string): Promise<OutriderError>;
}

const NO_IDENTITY: ManagedIdentitySource = {
  name: 'no identity',
  issue: () => Promise.reject(new Error('no identity here')),
  getToken: () => Promise.reject(new Error('no identity here')),
};

/** A token source over a wire, a vault and a clock that a test holds in its hands; msal is the real one. */
export function createSource(change: Partial<TokenSourceOptions> = {}): SourceFixture {
  const clock = createJumpingClock();
  const wire = createEntraWire();
  const vault = createTestVault();
  const tenants = new Map([TENANT, OTHER].map((id) => [id, testTenant(id)]));
  const { getToken, credentialExpiry } = createTokenSource({
    tenants: { list: async () => [...tenants.values()], get: async (id) => tenants.get(id.toLowerCase()) },
    cloud: CLOUDS.global,
    vault,
    federationIdentity: NO_IDENTITY,
    managedIdentity: () => NO_IDENTITY,
    clock,
    fetch: wire.fetch,
    ...change,
  });
  const call = (tenant = TENANT): Promise<string> => clock.run(getToken({ tenant, resource: 'graph' }));
  return {
    clock,
    wire,
    vault,
    getToken,
    credentialExpiry,
    tenants,
    token: call,
    async failure(tenant) {
      const error = await call(tenant).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error instanceof OutriderError) return error;
      throw new Error(`not a coded error: ${String(error)}`);
    },
  };
}
