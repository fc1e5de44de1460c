import type { Clock } from '../clock.ts';
import type { Cloud } from '../clouds.ts';
import { createKeptSecrets, type KeptSecrets } from './kept-secrets.ts';
import { createSignInNetwork, type SignInNetwork } from './sign-in-network.ts';
import type { SecretReader } from './vault.ts';

export interface SignInPartsOptions {
  readonly cloud: Cloud;
  readonly clock: Clock;
  /** For certificates and secrets; without it those kinds fail with `config.invalid`. */
  readonly vault: SecretReader | undefined;
  /** Default Node's own. */
  readonly fetch?: typeof fetch | undefined;
  /** For one request to sign-in with its retry, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined;
  /** How old the copy of a secret or certificate may get, in milliseconds. Default 10 minutes. */
  readonly secretAgeMs?: number | undefined;
}

/** The way to the sign-in service, and the secrets that apps prove themselves with there. Does no I/O. */
export function createSignInParts({
  cloud,
  clock,
  vault,
  timeoutMs = 15_000,
  ...options
}: SignInPartsOptions): {
  readonly network: SignInNetwork;
  readonly secrets: KeptSecrets;
} {
  return {
    network: createSignInNetwork({
      fetch: options.fetch ?? ((...request) => fetch(...request)),
      clock,
      timeoutMs,
      origin: cloud.signIn,
    }),
    secrets: createKeptSecrets({ vault, clock, maxAgeMs: options.secretAgeMs }),
  };
}
