import type { LabAnswer, LabRequest } from '../service.ts';
import { AadstsError } from './aadsts.ts';
import { checkClient } from './client-proof.ts';
import type { SignInCloud } from './clouds.ts';
import { type Directory, type DirectoryApp, type DirectoryTenant, findApp, grantsIn } from './directory.ts';
import { createClientCredentials } from './grants/client-credentials.ts';
import { type Grant, required } from './grants/grant.ts';
import { createOnBehalfOf } from './grants/on-behalf-of.ts';
import { noServicePrincipal, postOnly, unknownApp, unsupportedGrant } from './problems.ts';
import type { EntraSettings } from './settings.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { UserTokens } from './user-tokens.ts';

export interface TokenEndpointOptions {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  readonly issuer: TokenIssuer;
  readonly tokens: UserTokens;
  /** Told every secret and assertion that was accepted. */
  readonly onAccepted: (secret: string) => void;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
}

export interface TokenEndpoint {
  /** `POST /{tenant}/oauth2/v2.0/token`. @throws AadstsError */
  answer(request: LabRequest, tenant: DirectoryTenant, cloud: SignInCloud): Promise<LabAnswer>;
}

/** Makes the client prove who it is, then leaves the request to its grant. */
export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { directory, settings } = options;
  const grants: Readonly<Record<string, Grant>> = {
    client_credentials: createClientCredentials(options),
    'urn:ietf:params:oauth:grant-type:jwt-bearer': createOnBehalfOf(options),
  };
  return {
    async answer(request, tenant, cloud) {
      if (request.method !== 'POST') throw new AadstsError(postOnly(request.method));
      const form = new URLSearchParams(request.body.toString('utf8'));
      const name = required(form, 'grant_type');
      const grant = Object.hasOwn(grants, name) ? grants[name] : undefined;
      if (grant === undefined) throw new AadstsError(unsupportedGrant(name));
      const app = appOf(directory, settings, required(form, 'client_id'), tenant);
      const proof = { ...options, form, app, tenantId: tenant.id, cloud, now: options.now() };
      const { clientProof, accepted } = await checkClient(proof);
      const answer = await grant({ form, tenant, cloud, app, clientProof });
      options.onAccepted(accepted);
      return answer;
    },
  };
}

function appOf(
  directory: Directory,
  settings: EntraSettings,
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
