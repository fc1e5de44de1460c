import type { AadstsProblem } from './aadsts.ts';
import { type AccessPolicy, policyClaims } from './access-policies.ts';
import type { DirectoryApp } from './directory.ts';
import { badGrant, badRequest } from './problem-kinds.ts';
import type { EntraSettings } from './settings.ts';

/*
 * Refusals where a user signs in, or an app works for one. Numbers and meanings as in
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes; OAuth errors and suberrors as in
 * answers that people quote in public issues. The sentences are ours: a client must not read them.
 */

export const consentRequired = ({ appId, displayName }: DirectoryApp): AadstsProblem => ({
  ...badGrant(
    65001,
    `The user or administrator has not consented to use the application with ID '${appId}' named '${displayName}'. Send an interactive authorization request for this user and resource.`,
  ),
  suberror: 'consent_required',
});

/** What a policy's demand is answered with. */
export function policyProblem(
  policy: AccessPolicy,
  resource: string,
  { interactionError }: EntraSettings,
): AadstsProblem {
  const claims = policyClaims(policy);
  if (policy.demand === 'block') {
    const text =
      'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.';
    const error = policy.appliesTo === 'apps' ? 'invalid_grant' : interactionError;
    return { ...badGrant(53003, text), error, suberror: 'message_only', claims };
  }
  return {
    ...(policy.demand === 'mfa' ? secondFactorNeeded(resource) : registrationNeeded(resource)),
    error: interactionError,
    ...(interactionError === 'invalid_grant' ? { suberror: 'basic_action' } : {}),
    claims,
  };
}

/** An authentication context that was asked for is not met by how the user signed in. */
export function contextProblem(
  contexts: readonly string[],
  resource: string,
  { interactionError }: EntraSettings,
): AadstsProblem {
  return {
    ...secondFactorNeeded(resource),
    error: interactionError,
    claims: JSON.stringify({ access_token: { acrs: { essential: true, values: contexts } } }),
  };
}

const secondFactorNeeded = (resource: string): AadstsProblem =>
  badGrant(50076, `You must use multi-factor authentication to access '${resource}'.`);

const registrationNeeded = (resource: string): AadstsProblem =>
  badGrant(50079, `You must enroll in multi-factor authentication to access '${resource}'.`);

export const unknownUser = (id: string, tenant: string): AadstsProblem =>
  badGrant(50034, `The user account ${id} does not exist in the ${tenant} directory.`);

export const disabledUser = (): AadstsProblem => badGrant(50057, 'The user account is disabled.');

export const strangerInTenant = (name: string, tenant: string): AadstsProblem =>
  badGrant(
    50020,
    `User account '${name}' does not exist in tenant '${tenant}' and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first.`,
  );

export const notAssigned = (user: string, { appId, displayName }: DirectoryApp): AadstsProblem =>
  badGrant(
    50105,
    `Your administrator has configured the application ${displayName} ('${appId}') to block users unless they are specifically granted access to the application. The signed in user '${user}' is blocked.`,
  );

export const assertionSignature = (): AadstsProblem =>
  badGrant(50013, 'Assertion failed signature validation. [Reason - The key was not found.]');

export const assertionAudienceOfOther = (audience: string, appId: string): AadstsProblem =>
  badGrant(
    500131,
    `Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '${audience}' and the expected audience is '${appId}' or one of the Application Uris of this application.`,
  );

export const assertionNotInTime = (now: string, until: string): AadstsProblem =>
  badGrant(
    500133,
    `Assertion is not within its valid time range. Current time: ${now}, expiry time of assertion ${until}.`,
  );

export const assertionOfApp = (appId: string): AadstsProblem => ({
  ...badGrant(7000114, `Application '${appId}' is not allowed to make application on-behalf-of calls.`),
  error: 'unauthorized_client',
});

export const severalResources = (): AadstsProblem =>
  badRequest(
    28000,
    'Provided value for the input parameter scope is not valid because it contains more than one resource.',
  );

export const unknownScope = (scope: string, resource: string): AadstsProblem =>
  badRequest(
    65005,
    `The application asked for scope '${scope}' that does not exist on the resource '${resource}'.`,
  );

export const badClaims = (): AadstsProblem =>
  badRequest(
    90013,
    'Invalid input received from the user: the parameter claims is no JSON of the expected form.',
  );
