import { OutriderError } from '../../errors.ts';
import { isGuid } from '../../text.ts';
import { createAppSignIn } from '../app-sign-in.ts';
import { createVaultProofs } from '../vault-proofs.ts';
import type { CredentialKind, ProofKind } from './kind.ts';

/** An app registration with a client secret, kept in Key Vault. */
export const signInBySecret: CredentialKind<'secret'> = (tenant, credential, parts) =>
  createAppSignIn({ tenant, clientId: credential.clientId, proofs: secretProofs(credential, parts), parts });

export const secretProofs: ProofKind<'secret'> = ({ secretName }, { secrets }) =>
  createVaultProofs({
    name: secretName,
    secrets,
    renewOn: ['auth.secret_wrong', 'auth.secret_expired'],
    async proofOf({ value, version, expiresAt }) {
      const clientSecret = value.trim();
      if (clientSecret === '') throw emptySecret(secretName);
      return {
        version,
        provenBy: 'secret',
        auth: { clientSecret },
        advice: adviceFor(secretName, clientSecret),
        expiresAt,
      };
    },
  });

function adviceFor(name: string, clientSecret: string): string {
  const isId = isGuid(clientSecret)
    ? `What the Key Vault secret "${name}" holds has the form of a secret's id, not of its value. `
    : '';
  return `${isId}Make a new client secret for the app registration and put its value (not its id) into the Key Vault secret "${name}".`;
}

function emptySecret(name: string): OutriderError {
  return new OutriderError(
    'vault.content_unusable',
    `The Key Vault secret "${name}" is empty. Put the value of the app's client secret into it.`,
  );
}
