import type { ManagedIdentitySource } from '../../shared/auth/managed-identity.ts';
import { createOnBehalfOf, type OnBehalfOfOptions } from '../../shared/auth/on-behalf-of.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { OutriderError } from '../../shared/errors.ts';
import type { Tenant, TokenRequest, UserAssertion } from '../../shared/tenant.ts';
import { createJumpingClock, type JumpingClock, START_MS } from '../support/jumping-clock.ts';
import { createEntraWire, type EntraWire } from './entra-wire.ts';
import { createTestVault, OTHER, TENANT, type TestVault, testTenant } from './source-fixture.ts';

export const API = 'bbbbbbbb-0000-4000-8000-00000000000b';
export const ANNA = '20000000-0000-4000-8000-00000000000a';
export const BERT = '20000000-0000-4000-8000-00000000000b';
const MINUTE = 60_000;

export interface UserFixture {
  readonly clock: JumpingClock;
  readonly wire: EntraWire;
  readonly vault: TestVault;
  readonly tenants: Map<string, Tenant>;
  /** The token of a call in a user's name, time moving on while it waits. */
  token(assertion: UserAssertion, request?: Partial<TokenRequest>): Promise<string>;
  /** What a call that must fail throws. */
  failure(assertion: UserAssertion, request?: Partial<TokenRequest>): Promise<OutriderError>;
  /** The same without time moving. */
  ask(assertion: UserAssertion, request?: Partial<TokenRequest>): Promise<string>;
}

/** What a user's client has sent, in their sign-in of this number; good for an hour. */
export function signedIn(user: string, number = 1, change: Partial<UserAssertion> = {}): UserAssertion {
  const text = `assertion-${number}-of-${user}`;
  return { tenantId: TENANT, objectId: user, expiresAt: START_MS + 60 * MINUTE, text: () => text, ...change };
}

export const federationIdentity = (fault?: OutriderError): ManagedIdentitySource => ({
  name: 'the test identity',
  issue: () => Promise.reject(new Error('not asked for here')),
  getToken: async () => {
    if (fault) throw fault;
    return 'assertion-of-the-identity';
  },
});

/** Exchanges of users' tokens over a wire, a vault and a clock that a test holds in its hands; msal is the real one. */
export function createUsers(change: Partial<OnBehalfOfOptions> = {}): UserFixture {
  const clock = createJumpingClock();
  const wire = createEntraWire();
  const vault = createTestVault();
  const tenants = new Map([TENANT, OTHER].map((id) => [id, testTenant(id)]));
  const onBehalfOf = createOnBehalfOf({
    credential: { kind: 'federated', clientId: API },
    tenants: { list: async () => [...tenants.values()], get: async (id) => tenants.get(id.toLowerCase()) },
    cloud: CLOUDS.global,
    vault,
    federationIdentity: federationIdentity(),
    clock,
    fetch: wire.fetch,
    ...change,
  });
  const ask: UserFixture['ask'] = (assertion, request) =>
    onBehalfOf.forUser(assertion)({ tenant: TENANT, resource: 'graph', ...request });
  const token: UserFixture['token'] = (assertion, request) => clock.run(ask(assertion, request));
  return {
    clock,
    wire,
    vault,
    tenants,
    ask,
    token,
    async failure(assertion, request) {
      const error = await token(assertion, request).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error instanceof OutriderError) return error;
      throw new Error(`not a coded error: ${String(error)}`);
    },
  };
}
