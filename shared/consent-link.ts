import type { Cloud } from './clouds.ts';

/**
 * Where an administrator of a tenant consents to what the registration of an app asks for.
 * https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
export function adminConsentLink(
  { signIn }: Pick<Cloud, 'signIn'>,
  tenantId: string,
  clientId: string,
): string {
  return `${signIn}/${tenantId}/adminconsent?client_id=${clientId}`;
}
