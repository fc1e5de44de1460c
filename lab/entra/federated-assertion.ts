import { AadstsError } from './aadsts.ts';
import { type Assertion, checkTimes } from './assertion.ts';
import { issuerV2 } from './clouds.ts';
import { type Directory, type DirectoryApp, type FederatedCredential, findTenant } from './directory.ts';
import {
  badSignature,
  externalIssuerDown,
  foreignIssuer,
  type MismatchedField,
  noFederatedMatch,
  noFederatedMatchAtAll,
  onlyManagedIdentities,
} from './problems.ts';
import type { EntraSettings } from './settings.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface FederatedCheck {
  readonly assertion: Assertion;
  readonly app: DirectoryApp;
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Checks a token of another issuer that the app is to trust by a federated credential. Of Entra ID's own
 * tokens only a managed identity's are taken, and only from the tenant that the app is registered in; the app
 * may then sign in to any tenant that it is installed in.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 * @throws AadstsError
 */
export async function checkFederatedAssertion(check: FederatedCheck): Promise<void> {
  const { assertion, app } = check;
  const ofIssuer = app.federated.filter(({ issuer }) => issuer === assertion.issuer);
  if (ofIssuer.length === 0) throw mismatch(check, 'issuer', assertion.issuer);
  await checkIssuer(check);
  checkTimes(assertion, check.now, check.settings.assertionSkewSeconds);
  checkSubjectAndAudience(check, ofIssuer);
}

async function checkIssuer({ assertion, app, directory, keys }: FederatedCheck): Promise<void> {
  const { issuer } = assertion;
  const isOurs = directory.tenants.some((tenant) => issuerV2(tenant.id, tenant.cloud) === issuer);
  if (!isOurs) throw new AadstsError(externalIssuerDown(issuer));
  const claims = await keys.verify(assertion.token);
  if (claims === undefined) {
    throw new AadstsError(badSignature('The provided signature does not verify.', assertion.kid ?? ''));
  }
  if (typeof claims.xms_mirid !== 'string') throw new AadstsError(onlyManagedIdentities());
  const home = findTenant(directory, app.homeTenantId);
  if (home === undefined || issuerV2(home.id, home.cloud) !== issuer)
    throw new AadstsError(foreignIssuer(issuer));
}

function checkSubjectAndAudience(check: FederatedCheck, candidates: readonly FederatedCredential[]): void {
  const { subject, audience } = check.assertion;
  const ofSubject = candidates.filter((credential) => credential.subject === subject);
  if (ofSubject.length === 0) {
    const differsInCase = candidates.some(
      (credential) => credential.subject.toLowerCase() === subject.toLowerCase(),
    );
    throw mismatch(check, differsInCase ? 'subject case' : 'subject', subject);
  }
  if (!ofSubject.some((credential) => credential.audience === audience)) {
    throw mismatch(check, 'audience', audience);
  }
}

function mismatch(
  { assertion, settings }: FederatedCheck,
  field: MismatchedField,
  value: string,
): AadstsError {
  if (settings.federatedMismatch === 'specific') return new AadstsError(noFederatedMatch(field, value));
  const { issuer, subject, audience } = assertion;
  return new AadstsError(noFederatedMatchAtAll(issuer, subject, audience));
}
