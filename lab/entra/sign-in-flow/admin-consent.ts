import type { LabAnswer } from '../../service.ts';
import { AadstsError, type AadstsProblem } from '../aadsts.ts';
import type { SignInCloud } from '../clouds.ts';
import { giveConsent } from '../consents.ts';
import { readDelegatedScopes } from '../delegated-scope.ts';
import {
  type Directory,
  type DirectoryApp,
  type DirectoryTenant,
  findApp,
  grantsIn,
  type RequiredPermission,
  sameId,
  type TokenVersion,
} from '../directory.ts';
import { notSubscribed, redirectMismatch } from '../flow-problems.ts';
import { required } from '../grants/grant.ts';
import { withoutSlash } from '../names.ts';
import { messagePage } from '../pages/plain-pages.ts';
import { unknownApp } from '../problems.ts';
import { findResource } from '../resources.ts';
import type { EntraSettings } from '../settings.ts';
import type { Interactions } from './interactions.ts';
import { isRegistered, type ReturnAddress, sendBack } from './redirect.ts';

export interface AdminConsentOptions {
  readonly directory: Directory;
  readonly settings: EntraSettings;
  readonly interactions: Interactions;
}

export interface AdminConsentCall {
  readonly parameters: URLSearchParams;
  /** Undefined: `organizations` or `common`. */
  readonly tenant: DirectoryTenant | undefined;
  readonly cloud: SignInCloud;
  /** 2: `scope` says what for; 1: all that the registration asks for. */
  readonly version: TokenVersion;
}

/**
 * `/{tenant}/v2.0/adminconsent` and the older `/{tenant}/adminconsent`.
 * https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 * @throws AadstsError for what the application cannot be told
 */
export function adminConsent(options: AdminConsentOptions, call: AdminConsentCall): LabAnswer {
  const { directory, settings, interactions } = options;
  const { parameters, tenant, cloud, version } = call;
  const app = appOf(directory, required(parameters, 'client_id'), tenant);
  const back = returnAddress(app, parameters);
  const scope = version === 2 ? required(parameters, 'scope') : undefined;
  const answer = (fields: Readonly<Record<string, string>>): LabAnswer =>
    back === undefined ? withoutAddress() : sendBack(back, fields);
  return interactions.start({
    app,
    cloud,
    tenant,
    scope: 'openid',
    contexts: [],
    adminConsent: {
      permissions: (place) => wantedBy(directory, app, { tenant: place, cloud }, scope),
      grant: (place, permissions) => grantAll(app, place.id, permissions),
    },
    fail: (problem) => answer(refusalFields(problem, settings)),
    succeed({ tenant: place }) {
      const granted = scope === undefined ? {} : { scope };
      return answer({ admin_consent: 'True', tenant: place.id, ...granted });
    },
  });
}

function appOf(directory: Directory, appId: string, tenant: DirectoryTenant | undefined): DirectoryApp {
  const app = findApp(directory, appId);
  const isAllowed = app?.isMultiTenant || tenant === undefined || sameId(app?.homeTenantId ?? '', tenant.id);
  if (app === undefined || !isAllowed) throw new AadstsError(unknownApp(appId, tenant?.name ?? 'any'));
  return app;
}

/** Undefined for an app that has none, and a link that names none. @throws AadstsError 50011 */
function returnAddress(app: DirectoryApp, parameters: URLSearchParams): ReturnAddress | undefined {
  const { redirectUris = [] } = app;
  const redirectUri = parameters.get('redirect_uri') ?? redirectUris[0];
  if (redirectUri === undefined) return undefined;
  if (!isRegistered(redirectUris, redirectUri)) {
    throw new AadstsError(redirectMismatch(redirectUri, app.appId));
  }
  return { redirectUri, mode: 'query', state: parameters.get('state') ?? undefined };
}

/** Consent counts all the same: what is missing is only where to go from here. */
function withoutAddress(): LabAnswer {
  return messagePage(
    'Your answer has been saved',
    'AADSTS500113: No reply address is registered for the application. You can close this window.',
  );
}

/**
 * What the admin is asked for: the registration's permissions of the resources in `scope`, or the delegated ones that
 * it names.
 * @throws AadstsError 650052 when the tenant does not have the service
 */
function wantedBy(
  directory: Directory,
  app: DirectoryApp,
  place: { readonly tenant: DirectoryTenant; readonly cloud: SignInCloud },
  scope: string | undefined,
): readonly RequiredPermission[] {
  const { requires = [] } = app;
  for (const { resource } of requires) {
    const isThere = findResource(directory, place.tenant.id, resource) !== undefined;
    if (!isThere) throw new AadstsError(notSubscribed(resource));
  }
  if (scope === undefined) return requires;
  return readDelegatedScopes(directory, place, scope).flatMap(({ resource, scopes, isDefault }) => {
    const ofIt = requires.filter((one) =>
      resource.names.some((name) => sameId(name, withoutSlash(one.resource))),
    );
    const [audience = ''] = resource.names;
    const named = scopes.length > 0 ? [{ resource: audience, roles: [], scopes: [...scopes] }] : [];
    return [...named, ...(isDefault ? ofIt : [])];
  });
}

/** Installs the app, with these permissions besides those that it has. */
function grantAll(app: DirectoryApp, tenantId: string, permissions: readonly RequiredPermission[]): void {
  app.grants[tenantId] = grantsIn(app, tenantId) ?? {};
  const grants = app.grants[tenantId];
  for (const { resource, roles, scopes } of permissions) {
    if (roles.length > 0) grants[resource] = [...new Set([...(grants[resource] ?? []), ...roles])];
    if (scopes.length > 0) giveConsent(app, { tenantId, resource, scopes: [...scopes] });
  }
}

/** The page about admin consent shows `admin_consent=True` on refusals, too. */
function refusalFields(
  { number, text, error }: AadstsProblem,
  { consentRefusal }: EntraSettings,
): Record<string, string> {
  return {
    error: number === 65004 ? consentRefusal : error,
    error_description: `AADSTS${number}: ${text}`,
    admin_consent: 'True',
  };
}
