import type { Capability } from '../permissions.ts';
import type { Resource, Tenant } from '../tenant.ts';

/** What a token lets its holder do, as its claims say. */
export interface TokenFacts {
  readonly kind: 'app' | 'user';
  /** Client id of the app that has it. */
  readonly appId: string | undefined;
  /** Roles of an app; scopes of a user. Undefined for a token that only its API can read: then a call tells. */
  readonly held: readonly string[] | undefined;
}

/** What an API said to a harmless call. */
export interface CallAnswer {
  readonly status: number;
  /** Address without the query, for people. */
  readonly asked: string;
}

/** What a preflight asks with. Errors are OutriderErrors. */
export interface PreflightPorts {
  /** The claims of a token that is new, so that what was granted a moment ago is seen. */
  token(tenant: Tenant, resource: Resource, signal?: AbortSignal): Promise<TokenFacts>;
  /** One call that reads as little as can be and changes nothing. */
  call(tenant: Tenant, capability: Capability, signal?: AbortSignal): Promise<CallAnswer>;
  /**
   * What the directory says of itself to anybody: in which cloud the tenant is, where that is another one than this
   * deployment's; undefined where it is this one, or nobody says.
   */
  otherCloud(tenant: Tenant, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * When the tenant's credential expires, in milliseconds since 1970; undefined where that is not known. A person has no
   * credential of the tenant.
   */
  credentialExpiry?(tenant: Tenant, signal?: AbortSignal): Promise<number | undefined>;
}
