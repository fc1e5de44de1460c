import { OutriderError } from '../../errors.ts';
import type { Tenant } from '../../tenant.ts';
import { readClaims } from '../claims.ts';
import type { IssuedToken } from '../issued-token.ts';
import { tenantName } from '../sign-in-error.ts';
import type { CredentialKind } from './kind.ts';

/**
 * The managed identity itself reads its own tenant: no app registration. It exists in that tenant only, and its
 * tokens are always that tenant's, whichever we meant: so each token is checked before it is used.
 */
export const signInByManagedIdentity: CredentialKind<'managedIdentity'> = (tenant, { clientId }, parts) => {
  const identity = parts.managedIdentity(clientId);
  return {
    tokenFor(resource) {
      const { scope } = parts.cloud.resources[resource];
      let checked: IssuedToken | undefined;
      return {
        async get(wish) {
          const issued = await identity.issue(scope, wish);
          if (issued !== checked && !isForTenant(issued, tenant)) throw otherTenant(tenant, identity.name);
          checked = issued;
          return issued;
        },
      };
    },
  };
};

function isForTenant({ text }: IssuedToken, { id }: Tenant): boolean {
  return readClaims(text).tid?.toLowerCase() === id.toLowerCase();
}

function otherTenant(tenant: Tenant, identity: string): OutriderError {
  return new OutriderError(
    'auth.refused',
    `The tokens of ${identity} are not shown to be for ${tenantName(tenant)}. A managed identity reads its own ` +
      'tenant only; sign in to another by an app with a federated credential (kind "federated").',
    { tenant: tenant.id },
  );
}
