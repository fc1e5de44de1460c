import type { ErrorCode } from '../errors.ts';
import type { ClientProof, ProofSource } from './credentials/kind.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import type { VaultSecret } from './vault.ts';

export interface VaultProofOptions {
  /** Of the secret or certificate. */
  readonly name: string;
  readonly secrets: KeptSecrets;
  readonly renewOn: readonly ErrorCode[];
  /** @throws OutriderError `vault.content_unusable` */
  proofOf(secret: VaultSecret): Promise<ClientProof>;
}

/** Proofs out of Key Vault: read again by age, and at once when sign-in refuses the one that we have. */
export function createVaultProofs({ name, secrets, renewOn, proofOf }: VaultProofOptions): ProofSource {
  let made: { readonly secret: VaultSecret; readonly proof: ClientProof } | undefined;

  /** Reading a key takes longer than comparing a version. */
  async function proofFor(secret: VaultSecret): Promise<ClientProof> {
    if (made?.secret.version !== secret.version) made = { secret, proof: await proofOf(secret) };
    return made.proof;
  }

  return {
    renewOn,
    current: async (signal) => proofFor(await secrets.current(name, signal)),
    async renewed(refused, signal) {
      const newer = await secrets.newerThan(refused.version, name, signal);
      return newer === undefined ? undefined : proofFor(newer);
    },
  };
}
