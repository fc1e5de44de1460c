import { notes } from '../leak-watch/notes.ts';
import type { LabAnswer } from '../service.ts';
import { AadstsError, NOT_STORED } from './aadsts.ts';
import { unmetPolicy } from './access-policies.ts';
import { checkInstalled } from './check-installed.ts';
import type { ClaimsRequest } from './claims-request.ts';
import type { SignInCloud } from './clouds.ts';
import { consentedScopes } from './consents.ts';
import type { DelegatedScope } from './delegated-scope.ts';
import { type Directory, type DirectoryApp, type DirectoryTenant, findApp } from './directory.ts';
import { idTokenClaims } from './id-token.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import type { EntraSettings } from './settings.ts';
import type { SignIn } from './sign-in-flow/sign-in.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { TokenIssuer } from './token-issuer.ts';
import {
  consentRequired,
  contextProblem,
  disabledUser,
  notAssigned,
  policyProblem,
} from './user-problems.ts';
import { appRolesOf, type DirectoryUser } from './users.ts';

export interface UserTokenOptions {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  readonly issuer: TokenIssuer;
  readonly refreshTokens: RefreshTokens;
  /** Told every token. */
  readonly onIssued: (token: string) => void;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
}

/** A token in a user's name, for a client that has proved what it has to. */
export interface UserTokenOrder {
  readonly user: DirectoryUser;
  readonly app: DirectoryApp;
  readonly tenant: DirectoryTenant;
  readonly cloud: SignInCloud;
  readonly scope: DelegatedScope;
  readonly claims: ClaimsRequest;
  readonly signIn: SignIn;
  readonly clientProof: '0' | '1' | '2';
  readonly nonce?: string | undefined;
  /** A refresh token also without `offline_access`, since the client has one already; default false. */
  readonly renews?: boolean;
}

export interface UserTokens {
  /** The token endpoint's answer. @throws AadstsError */
  answer(order: UserTokenOrder): Promise<LabAnswer>;
}

/** What all flows in which a user takes part end with. */
export function createUserTokens(options: UserTokenOptions): UserTokens {
  const { directory, keys, settings, issuer, refreshTokens, onIssued, now } = options;

  async function idToken({ user, app, cloud, nonce }: UserTokenOrder): Promise<string> {
    const token = await keys.sign(idTokenClaims({ user, app, cloud, nonce, now: now() }));
    notes().secret('id token', token);
    onIssued(token);
    return token;
  }

  return {
    async answer(order) {
      const { user, app, tenant, scope, claims, signIn } = order;
      checkInstalled(settings, app, tenant);
      checkUser(directory, order);
      checkPolicies(settings, order);
      const scopes = grantedScopes(order);
      const { token, lifetimeSeconds } = await issuer.issue({
        tenantId: tenant.id,
        appId: app.appId,
        audience: scope.resource.audience,
        version: scope.resource.version,
        objectId: user.id,
        roles: appRolesOf(user, scope.resource),
        scopes: scopes.length > 0 ? scopes : scope.openId,
        clientProof: order.clientProof,
        hasSecondFactor: signIn.hasSecondFactor,
        contexts: signIn.contexts,
        capabilities: claims.capabilities,
      });
      const { openId } = scope;
      const isOffline = order.renews === true || openId.includes('offline_access');
      const grant = {
        appId: app.appId,
        userId: user.id,
        tenantId: tenant.id,
        signIn,
        scope: scope.text,
        issuedAt: now(),
      };
      return {
        status: 200,
        headers: NOT_STORED,
        body: {
          token_type: 'Bearer',
          scope: scopeText(scope, scopes),
          expires_in: lifetimeSeconds,
          ext_expires_in: lifetimeSeconds,
          access_token: token,
          ...(isOffline ? { refresh_token: refreshTokens.issue(grant) } : {}),
          ...(openId.includes('openid') ? { id_token: await idToken(order) } : {}),
          client_info: clientInfo(directory, user),
        },
      };
    },
  };
}

/** @throws AadstsError 50057, 50105 */
function checkUser(directory: Directory, { user, app, scope }: UserTokenOrder): void {
  if (user.isEnabled === false) throw new AadstsError(disabledUser());
  const [resourceId = ''] = scope.resource.names;
  for (const one of [app, findApp(directory, resourceId)]) {
    if (one?.assignmentRequired !== true) continue;
    const isAssigned = (user.appRoles?.[one.appId] ?? []).length > 0;
    if (!isAssigned) throw new AadstsError(notAssigned(user.userPrincipalName, one));
  }
}

/** @throws AadstsError 53003, 50076, 50079 */
function checkPolicies(
  settings: EntraSettings,
  { user, tenant, scope, claims, signIn }: UserTokenOrder,
): void {
  const { hasSecondFactor } = signIn;
  const { names, audience } = scope.resource;
  const policy = unmetPolicy(tenant, { by: 'users', objectId: user.id, names, hasSecondFactor });
  if (policy !== undefined) throw new AadstsError(policyProblem(policy, audience, settings));
  const unmet = claims.contexts.filter((context) => !signIn.contexts.includes(context));
  if (unmet.length > 0) throw new AadstsError(contextProblem(unmet, audience, settings));
}

/** All that is consented to, when what is asked for is among it. @throws AadstsError 65001 */
function grantedScopes({ app, user, tenant, scope }: UserTokenOrder): readonly string[] {
  const consented = consentedScopes(app, { tenantId: tenant.id, userId: user.id }, scope.resource);
  const isCovered = scope.scopes.every((name) => consented.includes(name));
  const isEmpty = consented.length === 0 && scope.isDefault;
  if (!isCovered || isEmpty) throw new AadstsError(consentRequired(app));
  return consented;
}

function scopeText({ name, isDefault, openId }: DelegatedScope, scopes: readonly string[]): string {
  const named = [...scopes, ...(isDefault ? ['.default'] : [])].map((scope) => `${name}/${scope}`);
  return [...named, ...openId.filter((scope) => scope !== 'offline_access')].join(' ');
}

/** Names the account at home, which is the same in all tenants that the user is a guest of. */
function clientInfo(directory: Directory, user: DirectoryUser): string {
  const home = directory.users.find(({ id }) => id === user.guestOf) ?? user;
  return Buffer.from(JSON.stringify({ uid: home.id, utid: home.tenantId })).toString('base64url');
}
