import type { Clock } from '../../clock.ts';
import { type ErrorCode, isOutriderError } from '../../errors.ts';
import type { Resource, Tenant } from '../../tenant.ts';
import { type HeldRoles, missingRoles, type NeededRole } from './needed-roles.ts';

/**
 * The roles in tokens of a tenant that is no customer yet, one for each API, issued now to the app by its own
 * credential.
 *
 * @throws OutriderError `auth.*`, `vault.*`; `auth.refused` for a token of another tenant or of a user, `request.invalid`
 * for one that cannot be read
 */
export type ReadRoles = (
  candidate: Tenant,
  resources: readonly Resource[],
  signal: AbortSignal,
) => Promise<HeldRoles>;

export type Confirmation =
  | { readonly kind: 'confirmed'; readonly missing: readonly NeededRole[] }
  /** No token was issued. */
  | { readonly kind: 'unconfirmed'; readonly code: ErrorCode }
  /** The deployment's own credential is at fault: nobody can say anything about the tenant. */
  | { readonly kind: 'own_trouble'; readonly code: ErrorCode };

/** Waits before each try: consent takes a moment until it is known everywhere. */
export const WAITS_MS = [0, 1_000, 2_000, 4_000] as const;

const OWN: readonly string[] = [
  'auth.secret_wrong',
  'auth.secret_expired',
  'auth.certificate_refused',
  'auth.certificate_expired',
  'auth.assertion_refused',
  'auth.managed_identity_unavailable',
  'config.invalid',
];

/**
 * Whether a tenant has consented, and to what: only what its tokens say counts.
 *
 * @param signal ends the tries: what was found out by then is the answer
 */
export async function confirmConsent({
  candidate,
  needed,
  readRoles,
  clock,
  signal,
}: {
  readonly candidate: Tenant;
  readonly needed: readonly NeededRole[];
  readonly readRoles: ReadRoles;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}): Promise<Confirmation> {
  const resources = [...new Set(needed.map(({ resource }) => resource))];
  let last: Confirmation = { kind: 'unconfirmed', code: 'auth.consent_missing' };
  for (const waitMs of WAITS_MS) {
    if (signal.aborted) break;
    if (waitMs > 0) await clock.sleep(waitMs);
    try {
      const missing = missingRoles(needed, await readRoles(candidate, resources, signal));
      last = { kind: 'confirmed', missing };
      if (missing.length === 0) return last;
    } catch (error) {
      if (!isOutriderError(error)) throw error;
      if (error.code.startsWith('vault.') || OWN.includes(error.code)) {
        return { kind: 'own_trouble', code: error.code };
      }
      // A token that was issued before says more than one that fails now.
      if (last.kind !== 'confirmed') last = { kind: 'unconfirmed', code: error.code };
    }
  }
  return last;
}
