import { createAppSignIn } from '../app-sign-in.ts';
import { readClaims, type TokenNames } from '../claims.ts';
import type { CredentialKind, ProofKind } from './kind.ts';

/**
 * An app registration that trusts a managed identity instead of a secret, in the identity's tenant or any other:
 * the identity's token is the app's client assertion.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export const signInByFederation: CredentialKind<'federated'> = (tenant, credential, parts) =>
  createAppSignIn({
    tenant,
    clientId: credential.clientId,
    proofs: federatedProofs(credential, parts),
    parts,
  });

export const federatedProofs: ProofKind<'federated'> = ({ clientId }, parts) => {
  let assertion = '';
  return {
    async current(signal) {
      // Fetched here, not in msal's callback: msal would put a failure of it into its telemetry headers.
      assertion = await parts.federationIdentity.getToken(
        `${parts.cloud.assertionAudience}/.default`,
        signal,
      );
      const names = readClaims(assertion);
      return {
        version: 'federated',
        provenBy: 'assertion',
        auth: { clientAssertion: async () => assertion },
        advice: adviceFor(clientId, names, parts.cloud.assertionAudience),
        objectId: names.sub,
      };
    },
    renewOn: [],
    renewed: async () => undefined,
  };
};

function adviceFor(clientId: string, { iss, sub, tid }: TokenNames, audience: string): string {
  return (
    `Add a federated credential to the app registration ${clientId} with issuer ${iss ?? '(unreadable)'}, ` +
    `subject ${sub ?? '(unreadable)'} and audience ${audience}, letter for letter. The app must be registered in the ` +
    `managed identity's own tenant${tid === undefined ? '' : ` (${tid})`}; other tenants consent to it.`
  );
}
