import { type DelegatedConsent, type DirectoryApp, sameId } from './directory.ts';
import { withoutSlash } from './names.ts';
import type { Resource } from './resources.ts';

/** The delegated permissions of a resource that an app has for a user: an admin's consent and the user's own. */
export function consentedScopes(
  { consents = [] }: DirectoryApp,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  resource: Resource,
): readonly string[] {
  const given = consents.filter(
    (consent) =>
      sameId(consent.tenantId, tenantId) &&
      (consent.userId === undefined || sameId(consent.userId, userId)) &&
      resource.names.some((name) => sameId(name, withoutSlash(consent.resource))),
  );
  return [...new Set(given.flatMap(({ scopes }) => scopes))];
}

/** Adds to what an app may do for a user or, without `userId`, for all users of a tenant. */
export function giveConsent(app: DirectoryApp, consent: DelegatedConsent): void {
  app.consents ??= [];
  app.consents.push(consent);
}

/** Takes all delegated permissions of an app in a tenant away. */
export function revokeConsents(app: DirectoryApp, tenantId: string): void {
  app.consents = app.consents?.filter((consent) => !sameId(consent.tenantId, tenantId)) ?? [];
}
