import { AadstsError } from '../aadsts.ts';
import { readClaimsRequest } from '../claims-request.ts';
import { readDelegatedScope } from '../delegated-scope.ts';
import { type Directory, findTenant, sameId } from '../directory.ts';
import {
  codeOfOtherTenant,
  expiredCode,
  replyMismatch,
  unknownCode,
  usedCode,
  verifierMismatch,
} from '../flow-problems.ts';
import { unknownTenant } from '../problems.ts';
import {
  type AuthorizationCodes,
  type CodeGrant,
  meetsChallenge,
} from '../sign-in-flow/authorization-codes.ts';
import { unknownUser } from '../user-problems.ts';
import type { UserTokens } from '../user-tokens.ts';
import { findUser } from '../users.ts';
import { type Grant, type GrantCall, required } from './grant.ts';

export interface AuthorizationCodeOptions {
  readonly directory: Directory;
  readonly codes: AuthorizationCodes;
  readonly tokens: UserTokens;
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redeem-a-code-for-an-access-token */
export function createAuthorizationCode({ directory, codes, tokens }: AuthorizationCodeOptions): Grant {
  return {
    forPerson: true,
    async answer(call) {
      const { form, app, cloud, clientProof } = call;
      const grant = redeem(codes, call);
      const user = findUser(directory, grant.tenantId, grant.userId);
      const tenant = findTenant(directory, grant.tenantId);
      if (tenant === undefined) throw new AadstsError(unknownTenant(grant.tenantId, 'token'));
      if (user === undefined) throw new AadstsError(unknownUser(grant.userId, tenant.name));
      const scope = form.get('scope') ?? grant.scope;
      const asked = readClaimsRequest(form.get('claims'));
      return tokens.answer({
        user,
        app,
        tenant,
        cloud,
        scope: readDelegatedScope(directory, { tenant, cloud }, scope),
        claims: {
          contexts: asked.contexts,
          capabilities: [...new Set([...grant.claims.capabilities, ...asked.capabilities])],
        },
        signIn: grant.signIn,
        clientProof,
        nonce: grant.nonce,
      });
    },
  };
}

/** @throws AadstsError 70000, 54005, 70008, 700005, 500112, 501481 */
function redeem(codes: AuthorizationCodes, { form, app, tenant }: GrantCall): CodeGrant {
  const found = codes.redeem(required(form, 'code'));
  if (found.kind === 'used') throw new AadstsError(usedCode());
  if (found.kind === 'expired') throw new AadstsError(expiredCode());
  if (found.kind === 'unknown') throw new AadstsError(unknownCode('code'));
  const { grant } = found;
  if (!sameId(grant.appId, app.appId)) throw new AadstsError(unknownCode('code'));
  if (tenant !== undefined && !sameId(tenant.id, grant.tenantId)) throw new AadstsError(codeOfOtherTenant());
  const redirectUri = required(form, 'redirect_uri');
  if (redirectUri !== grant.redirectUri) throw new AadstsError(replyMismatch(redirectUri));
  const { challenge } = grant;
  const verifier = form.get('code_verifier') ?? '';
  const isMet = challenge === undefined ? verifier === '' : meetsChallenge(challenge, verifier);
  if (!isMet) throw new AadstsError(verifierMismatch());
  return grant;
}
