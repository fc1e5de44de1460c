import { AuthError, ConfidentialClientApplication } from '@azure/msal-node';
import { isOutriderError, type OutriderError } from '../errors.ts';
import type { Resource, Tenant } from '../tenant.ts';
import type { ClientProof, ProofSource, SignIn, SignInParts } from './credentials/kind.ts';
import type { Exchange, SignInAnswer } from './exchange.ts';
import { type IssuedToken, refreshTime } from './issued-token.ts';
import { createKeptToken } from './kept-token.ts';
import { refusedAgain, signInError } from './sign-in-error.ts';

export interface AppSignInOptions {
  readonly tenant: Tenant;
  readonly clientId: string;
  readonly proofs: ProofSource;
  readonly parts: Pick<SignInParts, 'cloud' | 'clock' | 'network'>;
}

/**
 * Signs an app in to one tenant with msal, by a confidential client of its own that lives as long as its proof.
 * msal's token cache is always bypassed: keeping tokens is the caller's, who knows better when one is good.
 */
export function createAppSignIn({ tenant, clientId, proofs, parts }: AppSignInOptions): SignIn {
  const { cloud, clock, network } = parts;
  let client: { readonly version: string; readonly app: ConfidentialClientApplication } | undefined;

  function clientFor(proof: ClientProof): ConfidentialClientApplication {
    if (client?.version === proof.version) return client.app;
    const app = new ConfidentialClientApplication({
      auth: {
        clientId,
        authority: `${cloud.signIn}/${tenant.id}`,
        // Spares the question to Microsoft's instance discovery whether this host may be trusted.
        knownAuthorities: [new URL(cloud.signIn).host],
        ...proof.auth,
      },
      system: { networkClient: network.client },
    });
    client = { version: proof.version, app };
    return app;
  }

  async function request(proof: ClientProof, resource: Resource, signal: AbortSignal): Promise<IssuedToken> {
    const exchange: Exchange = { signal, answer: undefined };
    const issuedAt = clock.now();
    const text = await network
      .run(exchange, async () => {
        const result = await clientFor(proof).acquireTokenByClientCredential({
          scopes: [cloud.resources[resource].scope],
          skipCache: true,
          azureRegion: 'DisableMsalForceRegion',
        });
        return result?.accessToken;
      })
      .catch((error: unknown) => {
        exchange.answer ??= { error: codeOfThrown(error) };
        return undefined;
      });
    signal.throwIfAborted();
    const { lifetimeMs, refreshInMs } = exchange.answer ?? {};
    if (text === undefined || lifetimeMs === undefined) {
      throw signInError(withoutToken(exchange.answer), { tenant, clientId, resource, cloud, proof });
    }
    const refreshAt = refreshTime({ issuedAt, lifetimeMs, refreshInMs, random: clock.random() });
    return { text, expiresAt: issuedAt + lifetimeMs, refreshAt };
  }

  async function issue(resource: Resource, signal: AbortSignal): Promise<IssuedToken> {
    const proof = await proofs.current(signal);
    try {
      return await request(proof, resource, signal);
    } catch (error) {
      if (!isOutriderError(error) || !proofs.renewOn.includes(error.code)) throw error;
      return request(await replacement(proof, error, signal), resource, signal);
    }
  }

  /** The new proof, or the error that sent us looking for one: it says more than why the vault had none. */
  async function replacement(
    refused: ClientProof,
    error: OutriderError,
    signal: AbortSignal,
  ): Promise<ClientProof> {
    const renewed = await proofs.renewed(refused, signal).catch(() => undefined);
    if (renewed === undefined) throw error;
    return renewed;
  }

  return {
    tokenFor: (resource) =>
      createKeptToken({
        issue: (signal) => issue(resource, signal),
        refusedAgain: () => refusedAgain(tenant, resource),
        clock,
      }),
  };
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
