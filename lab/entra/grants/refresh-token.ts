import { AadstsError } from '../aadsts.ts';
import { readClaimsRequest } from '../claims-request.ts';
import { readDelegatedScope } from '../delegated-scope.ts';
import { type Directory, type DirectoryTenant, findTenant, sameId } from '../directory.ts';
import { expiredRefreshToken, revokedRefreshToken, unknownCode } from '../flow-problems.ts';
import { unknownTenant } from '../problems.ts';
import type { RefreshGrant, RefreshTokens } from '../refresh-tokens.ts';
import type { EntraSettings } from '../settings.ts';
import { strangerInTenant, unknownUser } from '../user-problems.ts';
import type { UserTokens } from '../user-tokens.ts';
import { type DirectoryUser, findUser, guestIn } from '../users.ts';
import { type Grant, type GrantCall, required } from './grant.ts';

export interface RefreshTokenOptions {
  readonly directory: Directory;
  readonly settings: EntraSettings;
  readonly refreshTokens: RefreshTokens;
  readonly tokens: UserTokens;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
}

const DAY_MS = 86_400_000;

/** https://learn.microsoft.com/entra/identity-platform/refresh-tokens */
export function createRefreshTokenGrant(options: RefreshTokenOptions): Grant {
  const { directory, tokens } = options;
  return {
    forPerson: true,
    async answer(call) {
      const { form, app, cloud, clientProof } = call;
      const grant = find(options, call);
      const tenant = call.tenant ?? tenantOf(directory, grant);
      return tokens.answer({
        user: userOf(directory, grant, tenant),
        app,
        tenant,
        cloud,
        scope: readDelegatedScope(directory, { tenant, cloud }, form.get('scope') ?? grant.scope),
        claims: readClaimsRequest(form.get('claims')),
        signIn: grant.signIn,
        clientProof,
        renews: true,
      });
    },
  };
}

/** @throws AadstsError 50173, 70000, 700082 */
function find({ refreshTokens, settings, now }: RefreshTokenOptions, { form, app }: GrantCall): RefreshGrant {
  const token = required(form, 'refresh_token');
  if (refreshTokens.wasRevoked(token)) throw new AadstsError(revokedRefreshToken());
  const grant = refreshTokens.find(token);
  if (grant === undefined || !sameId(grant.appId, app.appId)) {
    throw new AadstsError(unknownCode('refresh_token'));
  }
  const until = grant.issuedAt + settings.refreshTokenDays * DAY_MS;
  if (now() >= until) throw new AadstsError(expiredRefreshToken());
  return grant;
}

function tenantOf(directory: Directory, { tenantId }: RefreshGrant): DirectoryTenant {
  const tenant = findTenant(directory, tenantId);
  if (tenant === undefined) throw new AadstsError(unknownTenant(tenantId, 'token'));
  return tenant;
}

/** The token is the user's, not a tenant's: it is good wherever they are a guest. @throws AadstsError 50034, 50020 */
function userOf(directory: Directory, grant: RefreshGrant, tenant: DirectoryTenant): DirectoryUser {
  const user = findUser(directory, grant.tenantId, grant.userId);
  if (user === undefined) throw new AadstsError(unknownUser(grant.userId, tenant.name));
  const there = guestIn(directory, user, tenant.id);
  if (there === undefined) throw new AadstsError(strangerInTenant(user.userPrincipalName, tenant.name));
  return there;
}
