import { notes } from '../../leak-watch/notes.ts';
import { AadstsError, aadstsTime } from '../aadsts.ts';
import { readClaimsRequest } from '../claims-request.ts';
import { readDelegatedScope } from '../delegated-scope.ts';
import { type Directory, type DirectoryApp, type DirectoryTenant, sameId } from '../directory.ts';
import { withoutSlash } from '../names.ts';
import { invalidParameter, malformedAssertion } from '../problems.ts';
import { namesOf } from '../resources.ts';
import type { EntraSettings } from '../settings.ts';
import type { SigningKeys } from '../signing-keys.ts';
import type { TokenIssuer } from '../token-issuer.ts';
import {
  assertionAudienceOfOther,
  assertionNotInTime,
  assertionOfApp,
  assertionSignature,
  strangerInTenant,
  unknownUser,
} from '../user-problems.ts';
import type { UserTokens } from '../user-tokens.ts';
import { type DirectoryUser, findUser, guestIn } from '../users.ts';
import { type Grant, namedTenant, required } from './grant.ts';

export interface OnBehalfOfOptions {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  readonly issuer: TokenIssuer;
  readonly tokens: UserTokens;
  /** This Entra ID's time in milliseconds since 1970. */
  readonly now: () => number;
}

type Claims = Readonly<Record<string, unknown>>;

/** An API exchanges the token that a user's client sent it: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow */
export function createOnBehalfOf(options: OnBehalfOfOptions): Grant {
  const { directory, issuer, tokens } = options;
  const answer: Grant['answer'] = async (call) => {
    const { form, cloud, app, clientProof } = call;
    const tenant = namedTenant(call);
    const use = required(form, 'requested_token_use');
    if (use !== 'on_behalf_of') throw new AadstsError(invalidParameter('requested_token_use', use));
    const claims = await readAssertion(options, required(form, 'assertion'), app);
    const scope = readDelegatedScope(directory, { tenant, cloud }, required(form, 'scope'));
    return tokens.answer({
      user: userOf(directory, claims, tenant),
      app,
      tenant,
      cloud,
      scope,
      claims: readClaimsRequest(form.get('claims')),
      signIn: { hasSecondFactor: issuer.hadSecondFactor(text(claims.uti)), contexts: texts(claims.acrs) },
      clientProof,
    });
  };
  return { forPerson: false, answer };
}

/**
 * The claims of a user's token that is for the client itself.
 * @throws AadstsError 50027, 50013, 500131, 500133, 7000114
 */
async function readAssertion(
  { keys, settings, now }: OnBehalfOfOptions,
  assertion: string,
  app: DirectoryApp,
): Promise<Claims> {
  notes().secret('user assertion', assertion);
  if (assertion.split('.').length !== 3) {
    throw new AadstsError({
      ...malformedAssertion('It does not have the form of a JWT.'),
      error: 'invalid_grant',
    });
  }
  const claims = await keys.verify(assertion);
  if (claims === undefined) throw new AadstsError(assertionSignature());
  const audience = text(claims.aud);
  if (!namesOf(app).some((name) => sameId(name, withoutSlash(audience)))) {
    throw new AadstsError(assertionAudienceOfOther(audience, app.appId));
  }
  const until = Number(claims.exp) * 1000;
  if (now() >= until + settings.assertionSkewSeconds * 1000) {
    throw new AadstsError(assertionNotInTime(aadstsTime(now()), aadstsTime(until)));
  }
  if (text(claims.scp) === '') throw new AadstsError(assertionOfApp(app.appId));
  return claims;
}

/** The assertion's user, or who they are as a guest. @throws AadstsError 50034, 50020 */
function userOf(directory: Directory, claims: Claims, tenant: DirectoryTenant): DirectoryUser {
  const user = findUser(directory, text(claims.tid), text(claims.oid));
  if (user === undefined) throw new AadstsError(unknownUser(text(claims.oid), tenant.name));
  const there = guestIn(directory, user, tenant.id);
  if (there === undefined) throw new AadstsError(strangerInTenant(user.userPrincipalName, tenant.name));
  return there;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text) : [];
}
