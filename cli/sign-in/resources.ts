import type { Cloud } from '../../shared/clouds.ts';
import type { Config } from '../../shared/config.ts';
import type { Resource } from '../../shared/tenant.ts';
import { EXIT, fail } from '../output/failure.ts';

/** What a person can have a token for. */
export type PersonResource = Resource | 'outrider';

export const PERSON_RESOURCES = ['graph', 'xdr', 'mde', 'outrider'] as const satisfies PersonResource[];

/** As people call them. */
export const RESOURCE_NAMES: Readonly<Record<PersonResource, string>> = {
  graph: 'Microsoft Graph',
  xdr: 'the Microsoft Defender XDR API',
  mde: 'the Microsoft Defender for Endpoint API',
  outrider: 'the Outrider API',
};

/** The delegated permission of the Outrider API that its registration exposes. */
const API_SCOPE = 'access_as_user';

/**
 * The scope to ask for. At Microsoft's APIs it is all that was consented to: of single permissions one that is
 * missing would refuse all the others too, and the Defender ones need an administrator's consent beforehand anyway.
 * https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope
 *
 * @throws CommandFailure for the Outrider API when no setting names it
 */
export function scopeOf(resource: PersonResource, cloud: Cloud, api: Config['api']): string {
  if (resource !== 'outrider') return cloud.resources[resource].scope;
  return api
    ? `api://${api.clientId}/${API_SCOPE}`
    : fail(EXIT.usage, 'Which Outrider API? Set OUTRIDER_API_CLIENT_ID and OUTRIDER_API_TENANT_ID.');
}
