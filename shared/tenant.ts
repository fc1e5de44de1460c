/** A customer tenant, and how Outrider reaches it. Times in days and minutes as named. */
export interface Tenant {
  /** Directory id: a GUID in lower case. Part of every key, token request and log line. */
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly cloud: CloudName;
  /** Where incidents come from: Microsoft Graph security, or the Defender XDR API. */
  readonly api: ApiFamily;
  /** Where hunting queries are sent. Default `graph`; `xdr` stops answering on 1 February 2027. */
  readonly huntingApi?: ApiFamily;
  readonly credential: Credential;
  readonly sync: SyncSettings;
  /** Groups that a partner's analysts are given; none by default. */
  readonly groups?: readonly string[];
  /** Which registration of the tenant this is, from 1: what was removed with an earlier one is not this one's. */
  readonly generation?: number;
}

/** Microsoft Graph security (`graph`) or the Defender XDR API at api.security.microsoft.com (`xdr`). */
export type ApiFamily = 'graph' | 'xdr';

/** National clouds in which the Defender APIs are offered. */
export type CloudName = 'global' | 'gcc' | 'gcchigh' | 'dod';

/** How Outrider signs in to a tenant: a union by kind, one file each in shared/auth/credentials. */
export type Credential =
  | { readonly kind: 'managedIdentity'; readonly clientId?: string }
  | { readonly kind: 'federated'; readonly clientId: string }
  | { readonly kind: 'certificate'; readonly clientId: string; readonly certificateName: string }
  | { readonly kind: 'secret'; readonly clientId: string; readonly secretName: string };

/** A credential of an app registration: the kinds that can also exchange a user's token. */
export type AppCredential = Exclude<Credential, { readonly kind: 'managedIdentity' }>;

/** How a tenant's incidents are kept. */
export interface SyncSettings {
  /** How often a run is due, in minutes. Default 5. */
  readonly intervalMinutes: number;
  /** How far back the first load reaches, in days. Default 30. */
  readonly backfillDays: number;
  /** Overlap of the forward window, in minutes. Default 10. */
  readonly overlapMinutes: number;
  /** History is kept this many days. Default 90. */
  readonly historyDays: number;
  /** Resolved and redirected incidents are kept this many days after their last update. Default 365. */
  readonly resolvedDays: number;
  /** Nothing is ever deleted while set. Default false. */
  readonly legalHold: boolean;
}

/** Where the list of tenants comes from: the settings and the registry. */
export interface TenantDirectory {
  /** All tenants, enabled or not. */
  list(): Promise<readonly Tenant[]>;
  /** The tenant with this id (any letter case), or undefined. */
  get(id: string): Promise<Tenant | undefined>;
}

/** The services that Outrider asks for tokens; clouds.ts knows their audiences. */
export type Resource = 'graph' | 'xdr' | 'mde';

/**
 * The token that a user's client sent to our API: the only thing that a token on behalf of the user can be had with.
 * Never stored, queued or logged: it serializes as nothing but the user's ids.
 */
export interface UserAssertion {
  /** Directory of the user. */
  readonly tenantId: string;
  /** Object id of the user in that directory. */
  readonly objectId: string;
  /** End of the token's life, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** The token itself: a function, so that nothing that prints or serializes the caller shows it. */
  text(): string;
}

/** What to get a token for. */
export interface TokenRequest {
  /** Directory id of the tenant whose data will be read. */
  readonly tenant: string;
  readonly resource: Resource;
  readonly signal?: AbortSignal | undefined;
  /**
   * A new token even where the kept one is good, so that what was granted or revoked a moment ago shows. One that is
   * hardly older is served all the same.
   */
  readonly fresh?: boolean | undefined;
  /** A token that the service has just refused: it is not served again, a new one is asked for, once. */
  readonly refused?: string | undefined;
  /** What the service wants of the new token, as JSON: its claims challenge. A user's token is asked for with it. */
  readonly claims?: string | undefined;
}

/** The only way to a token for a Microsoft API. */
export type GetToken = (request: TokenRequest) => Promise<string>;
