import type { BrowserState } from './browser-state.ts';
import type { Invitation, InvitationState } from './invitation.ts';
import type { NeededRole } from './needed-roles.ts';

/** What a browser without a token is shown: the only things that it can learn. */
export type Outcome =
  /** A link that leads on to the consent page. */
  | {
      readonly kind: 'welcome';
      readonly invitation: Invitation;
      readonly browser: BrowserState;
      readonly needed: readonly NeededRole[];
    }
  /** No such link was ever made, as far as anybody without it can tell. */
  | { readonly kind: 'unknown_link' }
  /** What came back does not belong to a link that this browser has opened. */
  | { readonly kind: 'not_this_browser' }
  | { readonly kind: 'closed'; readonly state: Exclude<InvitationState, 'invited'> }
  /** The link was tried too often. */
  | { readonly kind: 'worn_out' }
  | { readonly kind: 'consent_refused' }
  | { readonly kind: 'consent_failed'; readonly aadsts: string | undefined }
  | { readonly kind: 'other_tenant'; readonly expected: string }
  /** Only for a link that names the tenant. */
  | { readonly kind: 'tenant_taken'; readonly tenantId: string; readonly isActive: boolean }
  | { readonly kind: 'unconfirmed'; readonly tenantId: string; readonly isNamed: boolean }
  | { readonly kind: 'own_trouble'; readonly tenantId: string }
  | {
      readonly kind: 'roles_missing';
      readonly tenantId: string;
      readonly missing: readonly NeededRole[];
      readonly expiresMs: number;
    }
  | { readonly kind: 'connected'; readonly tenantId: string };

/** What is shown to whoever does not go on to the consent page. */
export type End = Exclude<Outcome, { readonly kind: 'welcome' }>;
