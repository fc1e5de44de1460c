import type { AadstsProblem } from './aadsts.ts';
import { badClient, badRequest } from './problem-kinds.ts';

/*
 * Numbers, OAuth errors and statuses as in
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes and in answers that people
 * quote in public issues. The sentences are ours: a client must not read them.
 */

/** Discovery calls it `invalid_tenant`, the token endpoint `invalid_request`. */
export const unknownTenant = (tenant: string, where: 'discovery' | 'token'): AadstsProblem => ({
  ...badRequest(
    90002,
    `Tenant '${tenant}' not found. Check the tenant ID and that the cloud is the right one.`,
  ),
  error: where === 'discovery' ? 'invalid_tenant' : 'invalid_request',
});

export const postOnly = (method: string): AadstsProblem =>
  badRequest(900561, `The endpoint only accepts POST requests. Received a ${method} request.`);

export const missingParameter = (name: string): AadstsProblem =>
  badRequest(900144, `The request body must contain the following parameter: '${name}'.`);

export const invalidParameter = (name: string, value: string): AadstsProblem =>
  badRequest(900144, `The request body has the parameter '${name}' with the unknown value '${value}'.`);

export const unsupportedGrant = (grant: string): AadstsProblem => ({
  ...badRequest(70003, `The app requested an unsupported grant type '${grant}'.`),
  error: 'unsupported_grant_type',
});

export const unknownApp = (appId: string, tenant: string): AadstsProblem => ({
  ...badRequest(700016, `Application with identifier '${appId}' was not found in the directory '${tenant}'.`),
  error: 'unauthorized_client',
});

export const noServicePrincipal = (appId: string, tenantId: string): AadstsProblem =>
  badClient(
    7000229,
    `The client application ${appId} is missing service principal in the tenant ${tenantId}.`,
  );

export const noCredential = (): AadstsProblem =>
  badClient(
    7000216,
    "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant type.",
  );

export const wrongSecret = (appId: string): AadstsProblem =>
  badClient(
    7000215,
    `Invalid client secret provided for app '${appId}'. Send the secret's value, not its ID.`,
  );

export const expiredSecret = (appId: string): AadstsProblem =>
  badClient(7000222, `The provided client secret keys for app '${appId}' are expired.`);

export const malformedAssertion = (why: string): AadstsProblem =>
  badRequest(50027, `JWT token is invalid or malformed. ${why}`);

export const noKeyNamed = (): AadstsProblem =>
  badClient(5002723, 'Invalid JWT token. No certificate thumbprint nor key id specified in token header.');

export const assertionOfOtherApp = (): AadstsProblem =>
  badClient(700021, "Client assertion application identifier doesn't match 'client_id' parameter.");

export const assertionAudience = (): AadstsProblem =>
  badClient(700023, 'Client assertion audience claim does not match Realm issuer.');

export const assertionTimes = (now: string, from: string, until: string): AadstsProblem =>
  badClient(
    700024,
    `Client assertion is not within its valid time range. Current time: ${now}, assertion valid from ${from}, expiry time of assertion ${until}.`,
  );

export const badSignature = (reason: string, thumbprint: string): AadstsProblem =>
  badClient(
    700027,
    `Client assertion contains an invalid signature. [Reason - ${reason}, Thumbprint of key used by client: '${thumbprint}']`,
  );

export const externalIssuerDown = (issuer: string): AadstsProblem =>
  badRequest(50166, `Request to external OIDC endpoint failed. The lab has no keys of '${issuer}'.`);

export type MismatchedField = 'issuer' | 'audience' | 'subject' | 'subject case';

const MISMATCH_NUMBERS: Readonly<Record<MismatchedField, number>> = {
  issuer: 700211,
  audience: 700212,
  subject: 700213,
  'subject case': 7002138,
};

export const noFederatedMatch = (field: MismatchedField, value: string): AadstsProblem =>
  badClient(
    MISMATCH_NUMBERS[field],
    `No matching federated identity record found for presented assertion ${field} '${value}'.`,
  );

export const noFederatedMatchAtAll = (issuer: string, subject: string, audience: string): AadstsProblem =>
  badRequest(
    70021,
    `No matching federated identity record found for presented assertion. Assertion Issuer: '${issuer}'. Assertion Subject: '${subject}'. Assertion Audience: '${audience}'.`,
  );

export const onlyManagedIdentities = (): AadstsProblem =>
  badClient(700226, 'Only MSI tokens may be used as Federated Identity Credentials for AAD issuer.');

export const foreignIssuer = (issuer: string): AadstsProblem =>
  badClient(
    700236,
    `Entra ID tokens issued by issuer '${issuer}' may not be used for federated identity credential flows for applications registered in this tenant.`,
  );

export const notDefaultScope = (scope: string): AadstsProblem => ({
  ...badRequest(
    1002012,
    `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
  ),
  error: 'invalid_scope',
});

export const invalidScope = (scope: string): AadstsProblem => ({
  ...badRequest(
    70011,
    `The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`,
  ),
  error: 'invalid_scope',
});

export const unknownResource = (resource: string, tenant: string): AadstsProblem => ({
  ...badRequest(
    500011,
    `The resource principal named ${resource} was not found in the tenant named ${tenant}.`,
  ),
  error: 'invalid_resource',
});
