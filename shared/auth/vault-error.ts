import { OutriderError } from '../errors.ts';
import { isRecord } from './exchange.ts';

export interface VaultRequest {
  readonly vaultUrl: string;
  readonly name: string;
}

/**
 * Why Key Vault gave no secret, by status and inner error code:
 * https://learn.microsoft.com/azure/key-vault/general/rest-error-codes. The client's error is not kept as cause: it
 * holds the request.
 */
export function vaultError(error: unknown, { vaultUrl, name }: VaultRequest): OutriderError {
  if (error instanceof OutriderError) return error;
  const what = `the secret "${name}" of ${vaultUrl}`;
  const status = statusOf(error);
  const facts = status === undefined ? {} : { status };
  if (status === 404) {
    return new OutriderError(
      'vault.not_found',
      `There is no ${what.slice(4)}. Create it, or correct its name.`,
      facts,
    );
  }
  if (status === 403 && innerCodeOf(error) === 'SecretDisabled') {
    return new OutriderError(
      'vault.refused',
      `The current version of ${what} is disabled. Enable it.`,
      facts,
    );
  }
  if (status === 401 || status === 403) {
    return new OutriderError(
      'vault.refused',
      `Key Vault does not let the identity read ${what}. Give it the role "Key Vault Secrets User" on the vault ` +
        '(OUTRIDER_VAULT_IDENTITY_CLIENT_ID names the identity), and check the vault firewall.',
      facts,
    );
  }
  if (status === 400) {
    return new OutriderError(
      'vault.not_found',
      `Key Vault takes "${name}" for no name of a secret. Correct it.`,
      facts,
    );
  }
  return new OutriderError(
    'vault.unavailable',
    `Key Vault did not give ${what}${status === undefined ? ': it cannot be reached' : ` (status ${status})`}. ` +
      'It is tried again later; check OUTRIDER_VAULT_URL, network and firewall if it lasts.',
    facts,
  );
}

function statusOf(error: unknown): number | undefined {
  const status = isRecord(error) ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** `error.innererror.code` of the answer's body, as the client hands it on. */
function innerCodeOf(error: unknown): unknown {
  const details = isRecord(error) ? error.details : undefined;
  const body = isRecord(details) ? details.error : undefined;
  const inner = isRecord(body) ? body.innerError : undefined;
  return isRecord(inner) ? inner.code : undefined;
}
