import {
  AuthError,
  type AuthenticationResult,
  ConfidentialClientApplication,
  type NodeAuthOptions,
} from '@azure/msal-node';
import { isOutriderError, type OutriderError } from '../errors.ts';
import type { ClientProof, ProofSource, SignInParts } from './credentials/kind.ts';
import type { Exchange, SignInAnswer } from './exchange.ts';
import { type IssuedToken, refreshTime } from './issued-token.ts';

export interface ConfidentialClientOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly proof: ClientProof;
  /** What the client can handle, e.g. `cp1`: https://learn.microsoft.com/entra/identity-platform/claims-challenge */
  readonly capabilities?: readonly string[];
}

/** msal's client for one app in one tenant, with one proof. */
export function createConfidentialClient(
  { cloud, network }: Pick<SignInParts, 'cloud' | 'network'>,
  { tenantId, clientId, proof, capabilities }: ConfidentialClientOptions,
): ConfidentialClientApplication {
  const auth: NodeAuthOptions = {
    clientId,
    authority: `${cloud.signIn}/${tenantId}`,
    // Spares the question to Microsoft's instance discovery whether this host may be trusted.
    knownAuthorities: [new URL(cloud.signIn).host],
    ...(capabilities === undefined ? {} : { clientCapabilities: [...capabilities] }),
    ...proof.auth,
  };
  return new ConfidentialClientApplication({ auth, system: { networkClient: network.client } });
}

/** How one kind of token is asked for. */
export interface TokenOrder {
  readonly proofs: ProofSource;
  readonly parts: Pick<SignInParts, 'clock' | 'network'>;
  /** Sends the request, by msal. */
  acquire(proof: ClientProof): Promise<AuthenticationResult | null>;
  /** The error that an answer without a token amounts to. */
  errorOf(answer: SignInAnswer | undefined, proof: ClientProof): OutriderError;
}

/**
 * A new token by the app's proof; with the proof that has replaced it at its source when sign-in refuses this one.
 *
 * @throws OutriderError what `errorOf` makes of the answer, and what the proof's source throws; the signal's reason
 */
export async function issueToken(order: TokenOrder, signal: AbortSignal): Promise<IssuedToken> {
  const { proofs } = order;
  const proof = await proofs.current(signal);
  try {
    return await request(order, proof, signal);
  } catch (error) {
    if (!isOutriderError(error) || !proofs.renewOn.includes(error.code)) throw error;
    return request(order, await replacement(proofs, proof, error, signal), signal);
  }
}

async function request(
  { parts: { clock, network }, acquire, errorOf }: TokenOrder,
  proof: ClientProof,
  signal: AbortSignal,
): Promise<IssuedToken> {
  const exchange: Exchange = { signal, answer: undefined };
  const issuedAt = clock.now();
  const text = await network
    .run(exchange, async () => (await acquire(proof))?.accessToken)
    .catch((error: unknown) => {
      exchange.answer ??= { error: codeOfThrown(error) };
      return undefined;
    });
  signal.throwIfAborted();
  const { lifetimeMs, refreshInMs } = exchange.answer ?? {};
  if (text === undefined || lifetimeMs === undefined) throw errorOf(withoutToken(exchange.answer), proof);
  const refreshAt = refreshTime({ issuedAt, lifetimeMs, refreshInMs, random: clock.random() });
  return { text, expiresAt: issuedAt + lifetimeMs, refreshAt };
}

/** The new proof, or the error that sent us looking for one: it says more than why the vault had none. */
async function replacement(
  proofs: ProofSource,
  refused: ClientProof,
  error: OutriderError,
  signal: AbortSignal,
): Promise<ClientProof> {
  const renewed = await proofs.renewed(refused, signal).catch(() => undefined);
  if (renewed === undefined) throw error;
  return renewed;
}

/** A good status without a token is no good answer. */
function withoutToken(answer: SignInAnswer | undefined): SignInAnswer | undefined {
  return answer?.status !== undefined && answer.status < 300 ? { ...answer, fault: 'unusable' } : answer;
}

/** msal's own code when it failed before anything was sent. Its texts and other fields may quote the request. */
function codeOfThrown(error: unknown): string {
  if (error instanceof AuthError) return error.errorCode;
  return error instanceof Error ? error.name : 'unknown';
}
