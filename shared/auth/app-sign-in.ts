import type { ConfidentialClientApplication } from '@azure/msal-node';
import type { Tenant } from '../tenant.ts';
import { createConfidentialClient, issueToken } from './confidential-client.ts';
import type { ClientProof, ProofSource, SignIn, SignInParts } from './credentials/kind.ts';
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
  const { cloud, clock } = parts;
  let client: { readonly version: string; readonly app: ConfidentialClientApplication } | undefined;

  function clientFor(proof: ClientProof): ConfidentialClientApplication {
    if (client?.version === proof.version) return client.app;
    const app = createConfidentialClient(parts, { tenantId: tenant.id, clientId, proof });
    client = { version: proof.version, app };
    return app;
  }

  return {
    tokenFor(resource) {
      const order = {
        proofs,
        parts,
        acquire: (proof: ClientProof) =>
          clientFor(proof).acquireTokenByClientCredential({
            scopes: [cloud.resources[resource].scope],
            skipCache: true,
            azureRegion: 'DisableMsalForceRegion',
          }),
        errorOf: (answer: Parameters<typeof signInError>[0], proof: ClientProof) =>
          signInError(answer, { tenant, clientId, resource, cloud, proof, now: clock.now() }),
      };
      return createKeptToken({
        issue: (signal) => issueToken(order, signal),
        refusedAgain: () => refusedAgain(tenant, resource),
        clock,
      });
    },
  };
}
