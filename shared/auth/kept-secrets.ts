import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { isOutriderError, OutriderError } from '../errors.ts';
import { createFlight, type Flight } from './flight.ts';
import type { SecretReader, VaultSecret } from './vault.ts';

/** Secrets of the vault by name, kept for a while: one app's secret serves many tenants. */
export interface KeptSecrets {
  /**
   * The secret, read again when the kept copy is old; the old copy while the vault cannot be reached.
   *
   * @throws OutriderError `vault.*`; `config.invalid` without a vault
   */
  current(name: string, signal: AbortSignal): Promise<VaultSecret>;
  /** Another version of the secret than the refused one, read from the vault if need be; undefined when there is none. */
  newerThan(refused: string, name: string, signal: AbortSignal): Promise<VaultSecret | undefined>;
}

export interface KeptSecretsOptions {
  readonly vault: SecretReader | undefined;
  readonly clock: Clock;
  /** How old a copy may get, in milliseconds. Default 10 minutes. */
  readonly maxAgeMs?: number | undefined;
}

interface Entry {
  secret: VaultSecret | undefined;
  readAt: number;
  soughtAt: number;
  readonly flight: Flight<VaultSecret>;
}

const MAX_SECRETS = 2_000;
/** Many tenants of one app find its secret refused at the same time: the vault is asked once. */
const SEEK_GAP_MS = 10_000;

export function createKeptSecrets({ vault, clock, maxAgeMs = 600_000 }: KeptSecretsOptions): KeptSecrets {
  const entries = new LRUCache<string, Entry>({ max: MAX_SECRETS });

  function entryFor(name: string): Entry {
    const known = entries.get(name);
    if (known !== undefined) return known;
    const entry: Entry = {
      secret: undefined,
      readAt: Number.NEGATIVE_INFINITY,
      soughtAt: Number.NEGATIVE_INFINITY,
      flight: createFlight(async (signal) => {
        if (vault === undefined) throw noVault(name);
        const secret = await vault.read(name, signal);
        entry.secret = secret;
        entry.readAt = clock.now();
        return secret;
      }),
    };
    entries.set(name, entry);
    return entry;
  }

  return {
    async current(name, signal) {
      const entry = entryFor(name);
      const { secret } = entry;
      if (secret !== undefined && clock.now() < entry.readAt + maxAgeMs) return secret;
      try {
        return await entry.flight.join(signal);
      } catch (error) {
        const lasting = !isOutriderError(error, 'vault.unavailable', 'auth.managed_identity_unavailable');
        if (secret === undefined || lasting) throw error;
        return secret;
      }
    },
    async newerThan(refused, name, signal) {
      const entry = entryFor(name);
      if (entry.secret?.version === refused) {
        const now = clock.now();
        if (!entry.flight.underWay() && now < entry.soughtAt + SEEK_GAP_MS) return undefined;
        entry.soughtAt = now;
        await entry.flight.join(signal);
      }
      return entry.secret?.version === refused ? undefined : entry.secret;
    },
  };
}

function noVault(name: string): OutriderError {
  return new OutriderError(
    'config.invalid',
    `OUTRIDER_VAULT_URL is missing: the secret "${name}" is to be read from Key Vault.`,
  );
}
