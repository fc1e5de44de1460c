import type { AppCredential, Credential, Tenant } from '../../tenant.ts';
import { certificateProofs, signInByCertificate } from './certificate.ts';
import { federatedProofs, signInByFederation } from './federated.ts';
import type { CredentialKind, ProofSource, SignIn, SignInParts } from './kind.ts';
import { signInByManagedIdentity } from './managed-identity.ts';
import { secretProofs, signInBySecret } from './secret.ts';

/** Every kind of credential. A new one is a member of `Credential`, a file here and a line in this list. */
const KINDS: { readonly [Kind in Credential['kind']]: CredentialKind<Kind> } = {
  managedIdentity: signInByManagedIdentity,
  federated: signInByFederation,
  certificate: signInByCertificate,
  secret: signInBySecret,
};

/** The sign-in of a tenant by its own credential. Does no I/O. */
export function createSignIn(tenant: Tenant, parts: SignInParts): SignIn {
  return make(tenant, tenant.credential, parts);
}

/** The kind in the type links a credential with its maker. */
function make<Kind extends Credential['kind']>(
  tenant: Tenant,
  credential: Extract<Credential, { readonly kind: Kind }> & { readonly kind: Kind },
  parts: SignInParts,
): SignIn {
  return KINDS[credential.kind](tenant, credential, parts);
}

/** What an app registration proves itself with. Does no I/O. */
export function createProofs(
  credential: AppCredential,
  parts: Pick<SignInParts, 'cloud' | 'secrets' | 'federationIdentity'>,
): ProofSource {
  switch (credential.kind) {
    case 'federated':
      return federatedProofs(credential, parts);
    case 'certificate':
      return certificateProofs(credential, parts);
    case 'secret':
      return secretProofs(credential, parts);
  }
}
