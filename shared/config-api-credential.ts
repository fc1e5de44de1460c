import type { SettingsReader } from './settings-reader.ts';
import type { AppCredential } from './tenant.ts';

/** What the credential's settings are checked against. */
export interface ApiCredentialContext {
  /** Of the Outrider API. */
  readonly clientId: string | undefined;
  readonly vaultUrl: string | undefined;
  readonly federationIdentityClientId: string | undefined;
}

const KIND = 'OUTRIDER_API_CREDENTIAL';
const NAME = 'OUTRIDER_API_CREDENTIAL_NAME';
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates: letters, digits, hyphens.
const VAULT_NAME = /^[0-9a-zA-Z-]{1,127}$/;

/**
 * What the Outrider API proves itself with when it exchanges a user's token; undefined where there is nothing to do so,
 * which is a fault only if it was asked for: acting as the user is then refused, all else works.
 */
export function readApiCredential(
  settings: SettingsReader,
  { clientId, vaultUrl, federationIdentityClientId }: ApiCredentialContext,
): AppCredential | undefined {
  const kind = settings.get(KIND) ?? 'federated';
  const name = settings.get(NAME);
  const isAsked = settings.get(KIND) !== undefined;
  function fault(setting: typeof KIND | typeof NAME, text: string): undefined {
    settings.fault('api', setting, `${setting} ${text}`);
  }
  switch (kind) {
    case 'federated':
      if (name !== undefined) {
        return fault(
          NAME,
          `is set, but a credential of kind federated has no name. Remove it, or set ${KIND}.`,
        );
      }
      if (federationIdentityClientId === undefined) {
        return isAsked
          ? fault(
              KIND,
              'is federated, which needs OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID, the identity that it trusts.',
            )
          : undefined;
      }
      return clientId === undefined ? undefined : { kind, clientId };
    case 'certificate':
    case 'secret':
      if (vaultUrl === undefined) return fault(KIND, `is ${kind}, which needs OUTRIDER_VAULT_URL.`);
      if (name === undefined || !VAULT_NAME.test(name)) {
        return fault(NAME, `must be the name of a ${kind} in Key Vault, since ${KIND} is ${kind}.`);
      }
      if (clientId === undefined) return undefined;
      return kind === 'secret'
        ? { kind, clientId, secretName: name }
        : { kind, clientId, certificateName: name };
    case 'managedIdentity':
      return fault(
        KIND,
        'cannot be managedIdentity: only the app registration that a user’s token is addressed to may exchange it. Use federated, which trusts a managed identity.',
      );
    default:
      return fault(KIND, 'must be federated, certificate or secret.');
  }
}
