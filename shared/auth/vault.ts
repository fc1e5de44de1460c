import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { type Clock, systemClock } from '../clock.ts';
import { withDeadline } from './deadline.ts';
import { vaultError } from './vault-error.ts';

/** A secret of Key Vault, or a certificate with its key, which Key Vault hands out as a secret of the same name. */
export interface VaultSecret {
  readonly value: string;
  readonly version: string;
  /** `application/x-pem-file` or `application/x-pkcs12` when it is a certificate. */
  readonly contentType: string | undefined;
  /** The vault's own note of when it expires, in milliseconds since 1970; the vault hands it out all the same. */
  readonly expiresAt?: number | undefined;
}

/** Where secrets come from. */
export interface SecretReader {
  /**
   * The current version of a secret.
   *
   * @throws OutriderError `vault.refused`, `vault.not_found`, `vault.unavailable`, or why no token for the vault
   * could be had
   */
  read(name: string, signal?: AbortSignal): Promise<VaultSecret>;
}

export interface VaultReaderOptions {
  /** `https://<name>.vault.azure.net`. */
  readonly vaultUrl: string;
  readonly credential: TokenCredential;
  /** Default the system's. */
  readonly clock?: Clock | undefined;
  /** For one read with its retries, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined;
}

/** Reads secrets of one vault. The client is made at the first read and kept: a new one asks for a challenge first. */
export function createVaultReader(options: VaultReaderOptions): SecretReader {
  const { vaultUrl, credential, clock = systemClock, timeoutMs = 15_000 } = options;
  let client: SecretClient | undefined;
  return {
    async read(name, signal) {
      client ??= new SecretClient(vaultUrl, credential, {
        retryOptions: { maxRetries: 2, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 },
      });
      const kept = client;
      try {
        const { value = '', properties } = await withDeadline({ clock, timeoutMs, signal }, (abortSignal) =>
          kept.getSecret(name, { abortSignal }),
        );
        const { version = '', contentType, expiresOn } = properties;
        return { value, version, contentType, expiresAt: expiresOn?.getTime() };
      } catch (error) {
        if (signal?.aborted) throw error;
        throw vaultError(error, { vaultUrl, name });
      }
    },
  };
}
