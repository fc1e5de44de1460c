import type { ErrorFacts } from '../../shared/errors.ts';
import type { Tenant, TokenRequest } from '../../shared/tenant.ts';

/** What the token process is made with. Identities are client ids. */
export interface Setup {
  readonly tenants: readonly Tenant[];
  readonly federation: string;
  readonly vaultIdentity: string;
  readonly vaultUrl: string;
}

/** What a test may ask of the token process. */
export type Order =
  | { readonly do: 'setUp'; readonly setup: Setup }
  /** Moves its time ahead. */
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'getTokens'; readonly request: Omit<TokenRequest, 'signal'>; readonly times?: number }
  | { readonly do: 'identityToken'; readonly clientId: string; readonly scope: string };

export interface Answer {
  readonly token?: string;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly facts: ErrorFacts;
    /** All that a log could show of the error. */
    readonly inspected: string;
  };
}
