import { createAppSignIn } from '../app-sign-in.ts';
import { readCertificate } from '../certificate-content.ts';
import { createVaultProofs } from '../vault-proofs.ts';
import type { CredentialKind, ProofKind } from './kind.ts';

/** An app registration with a certificate, kept with its private key in Key Vault. */
export const signInByCertificate: CredentialKind<'certificate'> = (tenant, credential, parts) =>
  createAppSignIn({
    tenant,
    clientId: credential.clientId,
    proofs: certificateProofs(credential, parts),
    parts,
  });

export const certificateProofs: ProofKind<'certificate'> = ({ certificateName }, { secrets }) =>
  createVaultProofs({
    name: certificateName,
    secrets,
    renewOn: ['auth.certificate_refused'],
    async proofOf(secret) {
      const { thumbprintSha256, thumbprintSha1, privateKey, chain, expiresAt } = await readCertificate(
        certificateName,
        secret,
      );
      return {
        version: secret.version,
        provenBy: 'certificate',
        auth: { clientCertificate: { thumbprintSha256, privateKey, x5c: chain } },
        advice:
          `Upload the public part of the Key Vault certificate "${certificateName}" (thumbprint ${thumbprintSha1}, ` +
          `valid until ${dayOf(expiresAt)}) to the app registration, or renew it.`,
        expiresAt,
      };
    },
  });

/** UTC, e.g. `2027-05-01`. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
