import type { LabAnswer, LabRequest } from '../service.ts';
import { AadstsError, NOT_STORED } from './aadsts.ts';
import { checkClient } from './client-proof.ts';
import type { SignInCloud } from './clouds.ts';
import { type Directory, type DirectoryApp, type DirectoryTenant, findApp, grantsIn } from './directory.ts';
import {
  invalidScope,
  missingParameter,
  noServicePrincipal,
  notDefaultScope,
  postOnly,
  unknownApp,
  unknownResource,
  unsupportedGrant,
} from './problems.ts';
import { findResource, type Resource, rolesFor } from './resources.ts';
import type { EntraSettings } from './settings.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { IssuedToken, TokenIssuer } from './token-issuer.ts';

export interface TokenEndpointOptions {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  readonly issuer: TokenIssuer;
  /** Told every secret and assertion that was accepted. */
  readonly onAccepted: (secret: string) => void;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
}

export interface TokenEndpoint {
  /** `POST /{tenant}/oauth2/v2.0/token`. @throws AadstsError */
  answer(request: LabRequest, tenant: DirectoryTenant, cloud: SignInCloud): Promise<LabAnswer>;
}

const REFRESH_IN_FROM_SECONDS = 7200;

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { directory, settings } = options;
  return {
    async answer(request, tenant, cloud) {
      if (request.method !== 'POST') throw new AadstsError(postOnly(request.method));
      const form = new URLSearchParams(request.body.toString('utf8'));
      const grant = required(form, 'grant_type');
      if (grant !== 'client_credentials') throw new AadstsError(unsupportedGrant(grant));
      const app = appOf(options, required(form, 'client_id'), tenant);
      const resource = resourceOf(directory, required(form, 'scope'), tenant);
      const { clientProof, accepted } = await checkClient({
        ...options,
        form,
        app,
        tenantId: tenant.id,
        cloud,
        now: options.now(),
      });
      options.onAccepted(accepted);
      const token = await options.issuer.issue({
        tenantId: tenant.id,
        appId: app.appId,
        audience: resource.audience,
        version: resource.version,
        roles: rolesFor(grantsIn(app, tenant.id), resource),
        clientProof,
      });
      return tokenAnswer(token, settings.refreshIn);
    },
  };
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new AadstsError(missingParameter(name));
  return value;
}

function appOf(
  { directory, settings }: TokenEndpointOptions,
  appId: string,
  tenant: DirectoryTenant,
): DirectoryApp {
  const app = findApp(directory, appId);
  if (app === undefined) throw new AadstsError(unknownApp(appId, tenant.name));
  if (grantsIn(app, tenant.id) !== undefined) return app;
  throw new AadstsError(
    settings.missingPrincipal === 700016
      ? unknownApp(appId, tenant.name)
      : noServicePrincipal(app.appId, tenant.id),
  );
}

/** An app asks for one resource as a whole: `<resource>/.default`. */
function resourceOf(directory: Directory, scope: string, tenant: DirectoryTenant): Resource {
  const scopes = scope.split(' ').filter((part) => part !== '');
  const names = scopes.map((part) => {
    const name = /^(.+)\/\.default$/.exec(part)?.[1];
    if (name === undefined) throw new AadstsError(notDefaultScope(part));
    return name;
  });
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new AadstsError(invalidScope(scope));
  const resource = findResource(directory, tenant.id, name);
  if (resource === undefined) throw new AadstsError(unknownResource(name, tenant.name));
  return resource;
}

function tokenAnswer({ token, lifetimeSeconds }: IssuedToken, refreshIn: boolean): LabAnswer {
  const isLong = refreshIn && lifetimeSeconds > REFRESH_IN_FROM_SECONDS;
  return {
    status: 200,
    headers: NOT_STORED,
    body: {
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      ext_expires_in: lifetimeSeconds,
      ...(isLong ? { refresh_in: Math.floor(lifetimeSeconds / 2) } : {}),
      access_token: token,
    },
  };
}
