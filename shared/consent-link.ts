import type { Cloud } from './clouds.ts';

/** Where the admin's browser goes afterwards, and what it brings along. */
export interface ConsentReturn {
  /** One of the app registration's own. */
  readonly redirectUri: string;
  readonly state: string;
}

/**
 * Where an administrator of a tenant consents to what the registration of an app asks for: to all of it, of every API.
 * The newer address, with `v2.0`, wants a scope, and scopes are those of one API.
 * https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 *
 * @param tenantId undefined: the administrator's own, whichever that is
 */
export function adminConsentLink(
  { signIn }: Pick<Cloud, 'signIn'>,
  tenantId: string | undefined,
  clientId: string,
  back?: ConsentReturn,
): string {
  const link = new URL(`${signIn}/${tenantId ?? 'organizations'}/adminconsent`);
  link.searchParams.set('client_id', clientId);
  if (back !== undefined) {
    link.searchParams.set('redirect_uri', back.redirectUri);
    link.searchParams.set('state', back.state);
  }
  return link.href;
}
