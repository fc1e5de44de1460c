import type { UserAssertion } from './tenant.ts';

/** Who calls our API: read from a verified token. */
export interface Caller {
  /** An app (or managed identity) in its own name, or a person by a client app. */
  readonly kind: 'app' | 'user';
  /** Directory of the caller: the deployment's own, or a registered tenant's. */
  readonly tenantId: string;
  /** Object id of the calling app or user; for logs. */
  readonly objectId: string;
  /** App roles of the Outrider API that the caller has. */
  readonly roles: readonly string[];
  /** Object ids of security groups that the token names; undefined where it names none, or too many to name. */
  readonly groups?: readonly string[] | undefined;
  /** Delegated scopes of the Outrider API that the client app has for the user; none for an app. */
  readonly scopes: readonly string[];
  /** For calls on behalf of the user; undefined for an app. */
  readonly assertion?: UserAssertion | undefined;
}
