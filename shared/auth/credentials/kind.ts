import type { NodeAuthOptions } from '@azure/msal-node';
import type { Clock } from '../../clock.ts';
import type { Cloud } from '../../clouds.ts';
import type { ErrorCode } from '../../errors.ts';
import type { Credential, Resource, Tenant } from '../../tenant.ts';
import type { KeptSecrets } from '../kept-secrets.ts';
import type { KeptToken } from '../kept-token.ts';
import type { ManagedIdentitySource } from '../managed-identity.ts';
import type { SignInNetwork } from '../sign-in-network.ts';

/** How one tenant is signed in to. */
export interface SignIn {
  /**
   * The tenant's token for a resource: a new keeper at every call, made without I/O. Its `get` throws OutriderErrors
   * `auth.*`, `vault.*`, `config.invalid`.
   */
  tokenFor(resource: Resource): KeptToken;
}

/** What the kinds are made of. */
export interface SignInParts {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly network: SignInNetwork;
  readonly secrets: KeptSecrets;
  readonly federationIdentity: ManagedIdentitySource;
  managedIdentity(clientId?: string): ManagedIdentitySource;
}

/** A credential of one kind. */
export type CredentialOf<Kind extends Credential['kind']> = Extract<Credential, { readonly kind: Kind }>;

/** Makes the sign-in of a tenant by one kind of credential. Does no I/O. */
export type CredentialKind<Kind extends Credential['kind']> = (
  tenant: Tenant,
  credential: CredentialOf<Kind>,
  parts: SignInParts,
) => SignIn;

/** Makes the source of an app's proofs by one kind of credential. Does no I/O. */
export type ProofKind<Kind extends Credential['kind']> = (
  credential: CredentialOf<Kind>,
  parts: Pick<SignInParts, 'cloud' | 'secrets' | 'federationIdentity'>,
) => ProofSource;

/** What an app proves itself with, for msal. */
export interface ClientProof {
  /** Changes with the proof. msal's client is made anew then. */
  readonly version: string;
  readonly provenBy: 'secret' | 'certificate' | 'assertion';
  readonly auth: Pick<NodeAuthOptions, 'clientSecret' | 'clientAssertion' | 'clientCertificate'>;
  /** What to do when sign-in does not accept it, as sentences; holds nothing secret. */
  readonly advice: string;
  /** End of its validity in milliseconds since 1970, where it is known. */
  readonly expiresAt?: number | undefined;
  /** Object id of the identity whose assertion it is. */
  readonly objectId?: string | undefined;
}

/** Where an app's proof comes from. */
export interface ProofSource {
  current(signal: AbortSignal): Promise<ClientProof>;
  /** The errors that may mean that the proof was replaced at its source. */
  readonly renewOn: readonly ErrorCode[];
  /** The proof that has replaced the refused one; undefined when there is no other. */
  renewed(refused: ClientProof, signal: AbortSignal): Promise<ClientProof | undefined>;
}
