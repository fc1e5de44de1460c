import * as z from 'zod';
import { whyNoGuid } from './id-words.ts';
import type { CloudName, Credential } from './tenant.ts';
import { isGuid } from './text.ts';

/** What of the deployment a tenant's settings are checked against. */
export interface TenantContext {
  readonly cloud: CloudName;
  readonly vaultUrl: string | undefined;
  readonly federationIdentityClientId: string | undefined;
}

/** A GUID in any letter case; lower case from here on. */
export const guid = z
  .string()
  .refine(isGuid, { error: ({ input }) => whyNoGuid(input) })
  .transform((id) => id.toLowerCase());
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates: letters, digits, hyphens.
const vaultName = z.string().regex(/^[0-9a-zA-Z-]{1,127}$/, 'must be the name of an object in Key Vault');

const credentialKinds = {
  managedIdentity: { kind: z.literal('managedIdentity'), clientId: guid.optional() },
  federated: { kind: z.literal('federated'), clientId: guid },
  certificate: { kind: z.literal('certificate'), clientId: guid, certificateName: vaultName },
  secret: { kind: z.literal('secret'), clientId: guid, secretName: vaultName },
};

/** How Outrider signs in to a tenant, as a setting or a caller says it: a field too many is a mistake. */
export const credentialSchema = z.discriminatedUnion('kind', [
  z.strictObject(credentialKinds.managedIdentity),
  z.strictObject(credentialKinds.federated),
  z.strictObject(credentialKinds.certificate),
  z.strictObject(credentialKinds.secret),
]);

/** The same as stored: a later version of Outrider may have written a field more. */
export const storedCredentialSchema = z.discriminatedUnion('kind', [
  z.looseObject(credentialKinds.managedIdentity),
  z.looseObject(credentialKinds.federated),
  z.looseObject(credentialKinds.certificate),
  z.looseObject(credentialKinds.secret),
]);

function wholeNumber(from: number, to: number) {
  const rule = `must be a whole number from ${from} to ${to}`;
  return z.int(rule).min(from, rule).max(to, rule);
}

const days = wholeNumber(1, 36_500);

/** How a tenant's incidents are kept, all of it. */
export const syncSchema = z.strictObject({
  intervalMinutes: wholeNumber(1, 1_440),
  backfillDays: days,
  overlapMinutes: wholeNumber(1, 360),
  historyDays: days,
  resolvedDays: days,
  legalHold: z.boolean('must be true or false'),
});

export const familySchema = z.enum(['graph', 'xdr']);
export const nameSchema = z.string().min(1).max(200);

/** What this deployment lacks for a credential; undefined when it lacks nothing. */
export function missingFor(credential: Credential, context: TenantContext): string | undefined {
  if (credential.kind === 'federated' && !context.federationIdentityClientId) {
    return 'a federated credential needs OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID, the client id of the user-assigned identity that it trusts.';
  }
  if ((credential.kind === 'secret' || credential.kind === 'certificate') && !context.vaultUrl) {
    return `a credential of kind ${credential.kind} needs OUTRIDER_VAULT_URL.`;
  }
  return undefined;
}

/** Why a tenant of that cloud cannot be served by this deployment; undefined when it can. */
export function wrongCloud(cloud: string | undefined, { cloud: own }: TenantContext): string | undefined {
  if (cloud === undefined || cloud === own) return undefined;
  return `the tenant is in the cloud "${cloud}", this deployment serves "${own}" (OUTRIDER_CLOUD). Deploy Outrider once for each cloud.`;
}
