import type { LabAnswer } from '../../service.ts';
import { AadstsError, NOT_STORED } from '../aadsts.ts';
import { unmetPolicy } from '../access-policies.ts';
import { servicePrincipalId } from '../claims.ts';
import { readClaimsRequest } from '../claims-request.ts';
import { type Directory, type DirectoryApp, type DirectoryTenant, grantsIn } from '../directory.ts';
import { invalidScope, notDefaultScope, unknownResource } from '../problems.ts';
import { findResource, type Resource, rolesFor } from '../resources.ts';
import type { EntraSettings } from '../settings.ts';
import type { IssuedToken, TokenIssuer } from '../token-issuer.ts';
import { policyProblem } from '../user-problems.ts';
import { type Grant, namedTenant, required } from './grant.ts';

export interface ClientCredentialsOptions {
  readonly directory: Directory;
  readonly settings: EntraSettings;
  readonly issuer: TokenIssuer;
}

const REFRESH_IN_FROM_SECONDS = 7200;

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
export function createClientCredentials({ directory, settings, issuer }: ClientCredentialsOptions): Grant {
  const answer: Grant['answer'] = async (call) => {
    const { form, app, clientProof } = call;
    const tenant = namedTenant(call);
    const resource = resourceOf(directory, required(form, 'scope'), tenant);
    const { capabilities } = readClaimsRequest(form.get('claims'));
    checkPolicies(settings, { app, tenant }, resource);
    const token = await issuer.issue({
      tenantId: tenant.id,
      appId: app.appId,
      audience: resource.audience,
      version: resource.version,
      roles: rolesFor(grantsIn(app, tenant.id), resource),
      capabilities,
      clientProof,
    });
    return tokenAnswer(token, settings.refreshIn);
  };
  return { forPerson: false, answer };
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

/** @throws AadstsError 53003 */
function checkPolicies(
  settings: EntraSettings,
  { app, tenant }: { readonly app: DirectoryApp; readonly tenant: DirectoryTenant },
  resource: Resource,
): void {
  const objectId = servicePrincipalId(tenant.id, app.appId);
  const { names, audience } = resource;
  const policy = unmetPolicy(tenant, { by: 'apps', objectId, names, hasSecondFactor: false });
  if (policy !== undefined) throw new AadstsError(policyProblem(policy, audience, settings));
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
