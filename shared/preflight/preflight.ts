import type { ErrorCode } from '../errors.ts';
import type { Capability } from '../permissions.ts';
import type { Credential, Resource } from '../tenant.ts';
import type { PreflightState } from './states.ts';

/** A kind of call, and whether the token allows it. */
export interface PermissionCheck {
  /** `read incidents` */
  readonly purpose: string;
  readonly allowed: boolean;
  /** The least role of an app or scope of a user that would do. */
  readonly needs: string;
  /** Whether it changes something at the customer's; then nothing was tried. */
  readonly changes: boolean;
}

/** By what a state was told. */
export interface Evidence {
  /** The attempt to get a token; the claims of the token; a call; what is documented. */
  readonly by: 'signIn' | 'claims' | 'call' | 'rule';
  /** In words, without anything secret or personal. */
  readonly text: string;
  readonly code?: ErrorCode | undefined;
  readonly status?: number | undefined;
  /** The service's own: `AADSTS7000222`, `Forbidden`. */
  readonly serviceCode?: string | undefined;
  readonly trackingId?: string | undefined;
}

/** What to do about it. */
export interface NextStep {
  readonly text: string;
  /** Where an administrator of the tenant consents. */
  readonly link?: string | undefined;
  /** Permissions to add: roles of an app, scopes of a user. */
  readonly permissions?: readonly string[] | undefined;
}

export interface CapabilityCheck {
  readonly capability: Capability;
  readonly resource: Resource;
  readonly state: PreflightState;
  readonly seen: Evidence;
  /** Undefined when all is well. */
  readonly next: NextStep | undefined;
  /** Empty where no token was had. */
  readonly permissions: readonly PermissionCheck[];
}

/** How a tenant's credential stands. */
export interface CredentialCheck {
  readonly kind: Credential['kind'];
  /** Milliseconds since 1970; undefined where it does not expire or that is not known. */
  readonly expiresAtMs: number | undefined;
  /** Whole days left, negative when it has expired; only where it is due for renewal. */
  readonly expiresInDays: number | undefined;
}

/** How a tenant stands, in whole. */
export interface Preflight {
  readonly tenantId: string;
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  /** Everything that was asked for works. */
  readonly ok: boolean;
  readonly capabilities: readonly CapabilityCheck[];
  /** What will not stay as it is, in words. */
  readonly notes: readonly string[];
  /** Undefined for a person, who has no credential of the tenant. */
  readonly credential: CredentialCheck | undefined;
}
