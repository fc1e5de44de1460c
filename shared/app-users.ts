import { readScopes } from './auth/claims.ts';
import type { ManagedIdentitySource } from './auth/managed-identity.ts';
import { createOnBehalfOf } from './auth/on-behalf-of.ts';
import type { SecretReader } from './auth/vault.ts';
import { createGraphHunting } from './clients/graph-hunting.ts';
import { createGraphIncidentUpdate } from './clients/graph-incident-update.ts';
import { createGraphIncidents } from './clients/graph-incidents.ts';
import type { Pace } from './clients/pace.ts';
import { createTransport } from './clients/transport.ts';
import { createUserTransport } from './clients/user-transport.ts';
import { createXdrHunting } from './clients/xdr-hunting.ts';
import { createXdrIncidentUpdate } from './clients/xdr-incident-update.ts';
import { createXdrIncidents } from './clients/xdr-incidents.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { OutriderError } from './errors.ts';
import type { HuntSource } from './hunting/ports.ts';
import type { IncidentSource, IncidentUpdater } from './incidents/ports.ts';
import { once } from './once.ts';
import type { Tenant, TenantDirectory, UserAssertion } from './tenant.ts';

/** What can be done in one tenant in a user's name, for the time of one request. */
export interface UserSources {
  readonly incidents: IncidentSource;
  readonly updater: IncidentUpdater;
  readonly hunting: HuntSource;
}

/** @throws OutriderError `config.invalid` where nothing is configured to act in users' names */
export type AsUser = (tenant: Tenant, assertion: UserAssertion) => UserSources;

export interface UsersOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly version: string;
  readonly tenants: TenantDirectory;
  readonly vault: SecretReader | undefined;
  readonly federationIdentity: ManagedIdentitySource;
  /** The one of the app: users and app share a tenant's quota. */
  readonly pace: () => Pace;
}

/** The part of the composition root that works in users' names. Nothing is built until it is asked for. */
export function createUsers({ config, clock, version, tenants, pace, ...sources }: UsersOptions): AsUser {
  const { cloud } = config;
  const onBehalfOf = once(() => {
    const credential = config.apiCredential ?? notConfigured(config);
    const { clientId } = credential;
    return { clientId, ...createOnBehalfOf({ ...sources, credential, tenants, cloud, clock }) };
  });
  return (tenant, assertion) => {
    const { clientId, forUser } = onBehalfOf();
    const getToken = forUser(assertion);
    const transport = createUserTransport({
      transport: createTransport({ getToken, clock, version, pace: pace() }),
      getToken,
      scopesOf: readScopes,
      cloud,
      user: assertion.objectId,
      clientId,
    });
    const parts = { transport, cloud, clock };
    const isXdr = tenant.api === 'xdr';
    return {
      incidents: isXdr ? createXdrIncidents(parts) : createGraphIncidents(parts),
      updater: isXdr ? createXdrIncidentUpdate(parts) : createGraphIncidentUpdate(parts),
      hunting: tenant.huntingApi === 'xdr' ? createXdrHunting(parts) : createGraphHunting(parts),
    };
  };
}

function notConfigured({ faults }: Config): never {
  const texts = faults
    .filter(({ setting }) => setting.startsWith('OUTRIDER_API_CREDENTIAL'))
    .map(({ text }) => text);
  throw new OutriderError(
    'config.invalid',
    `Outrider cannot act in users' names here: the Outrider API has no credential. ${
      texts.join(' ') ||
      'Set OUTRIDER_API_CREDENTIAL, or OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID for a federated one.'
    }`,
    { details: texts },
  );
}
