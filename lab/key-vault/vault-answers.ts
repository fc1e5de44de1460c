import type { LabAnswer, LabCaller } from '../service.ts';
import type { SecretVersion } from './secrets.ts';

/** What the answers of one vault have in common. */
export interface VaultFacts {
  /** `kv-name.vault.azure.net`. */
  readonly host: string;
  readonly tenantId: string;
  /** Audience of its tokens. */
  readonly resource: string;
  /** Sign-in host of its cloud. */
  readonly signInHost: string;
}

/** https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret */
export function secretBundle(vault: VaultFacts, name: string, secret: SecretVersion): LabAnswer {
  const { value, contentType, version, enabled, notBefore, expires, created, updated } = secret;
  return {
    status: 200,
    headers: { 'cache-control': 'no-cache', pragma: 'no-cache' },
    body: {
      value,
      ...(contentType === undefined ? {} : { contentType }),
      id: `https://${vault.host}/secrets/${name}/${version}`,
      attributes: {
        enabled,
        ...(notBefore === undefined ? {} : { nbf: seconds(notBefore) }),
        ...(expires === undefined ? {} : { exp: seconds(expires) }),
        created: seconds(created),
        updated: seconds(updated),
        recoveryLevel: 'Recoverable+Purgeable',
        recoverableDays: 90,
      },
    },
  };
}

/** The challenge tells a client where to get a token, and what for. */
export function unauthorized(vault: VaultFacts, message: string): LabAnswer {
  const challenge = `Bearer authorization="https://${vault.signInHost}/${vault.tenantId}", resource="${vault.resource}"`;
  return { ...vaultError(401, 'Unauthorized', message), headers: { 'www-authenticate': challenge } };
}

export function notAllowed(vault: VaultFacts, caller: LabCaller, name: string): LabAnswer {
  const message = [
    'Caller is not authorized to perform action on resource.',
    `Caller: appid=${caller.appId};iss=https://sts.windows.net/${caller.tenantId}/`,
    "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'",
    `Resource: '${vault.host}/secrets/${name}'`,
  ].join('\r\n');
  return vaultError(403, 'Forbidden', message, 'ForbiddenByRbac');
}

export function disabled(): LabAnswer {
  const message = 'Operation get is not allowed on a disabled secret.';
  return vaultError(403, 'Forbidden', message, 'SecretDisabled');
}

export function secretNotFound(name: string): LabAnswer {
  const message = `A secret with (name/id) ${name} was not found in this key vault.`;
  return vaultError(404, 'SecretNotFound', message);
}

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
export function vaultError(status: number, code: string, message: string, innerCode?: string): LabAnswer {
  const inner = innerCode === undefined ? {} : { innererror: { code: innerCode } };
  return { status, body: { error: { code, message, ...inner } } };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
