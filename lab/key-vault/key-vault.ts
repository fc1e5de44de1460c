import { CLOUDS } from '../entra/clouds.ts';
import type {
  LabAnswer,
  LabCaller,
  LabClock,
  LabRequest,
  LabService,
  TokenJudge,
  Verdict,
} from '../service.ts';
import { createSecretStore, type SecretProperties, type SecretStore } from './secrets.ts';
import {
  disabled,
  notAllowed,
  secretBundle,
  secretNotFound,
  unauthorized,
  type VaultFacts,
  vaultError,
} from './vault-answers.ts';

export interface KeyVaultOptions {
  /** `kv-name.vault.azure.net`, or `kv-name.vault.usgovcloudapi.net`. */
  readonly host: string;
  /** Only tokens of this tenant are taken. */
  readonly tenantId: string;
  readonly judge: TokenJudge;
  readonly clock: LabClock;
  /** Whether a caller holds a role that reads secrets. */
  mayRead(caller: LabCaller): boolean;
}

export interface KeyVault {
  readonly service: LabService;
  /** Adds a version, which becomes the current one. @returns the version's name */
  setSecret(name: string, value: string, properties?: SecretProperties): string;
  /** Enables or disables a version, the current one unless named. @throws Error when there is none */
  setEnabled(name: string, enabled: boolean, version?: string): void;
  deleteSecret(name: string): void;
  /** How often the value of a secret was handed out. */
  reads(name: string): number;
}

/** `/secrets/{name}` with or without a version; the SDK ends the former with a slash. */
const SECRET_PATH = /^\/secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-fA-F]{32})?)?$/;
const API_VERSION = /^(7\.\d+|\d{4}-\d{2}-\d{2})(-preview(\.\d+)?)?$/;

/** The stand-in for a key vault's secrets, read-only over the wire. Certificates are read as secrets, too. */
export function createKeyVault(options: KeyVaultOptions): KeyVault {
  const vault = factsOf(options);
  const secrets = createSecretStore(() => options.clock.now());
  const reads = new Map<string, number>();
  return {
    service: {
      name: 'vault',
      hosts: [options.host],
      tenantOf: () => options.tenantId,
      async handle(request) {
        const verdict = await options.judge.verify(request.headers.authorization, [vault.resource]);
        if (!verdict.ok) return unauthorized(vault, REFUSALS[verdict.reason]);
        if (verdict.caller.tenantId !== vault.tenantId) return foreignTenant(vault, verdict.caller);
        return answer({ vault, secrets, reads, mayRead: options.mayRead }, request, verdict.caller);
      },
    },
    setSecret: secrets.set,
    setEnabled: secrets.setEnabled,
    deleteSecret: secrets.delete,
    reads: (name) => reads.get(name.toLowerCase()) ?? 0,
  };
}

interface VaultParts {
  readonly vault: VaultFacts;
  readonly secrets: SecretStore;
  readonly reads: Map<string, number>;
  mayRead(caller: LabCaller): boolean;
}

function answer(parts: VaultParts, request: LabRequest, caller: LabCaller): LabAnswer {
  if (!API_VERSION.test(request.url.searchParams.get('api-version') ?? '')) {
    return vaultError(400, 'BadParameter', 'api-version must be specified and supported.');
  }
  const [, name, version] = SECRET_PATH.exec(request.url.pathname) ?? [];
  if (name === undefined) return vaultError(404, 'NotFound', 'The resource was not found.');
  if (request.method !== 'GET')
    return vaultError(405, 'MethodNotAllowed', 'The vault of the lab is read-only.');
  if (!parts.mayRead(caller)) return notAllowed(parts.vault, caller, name);
  const secret = parts.secrets.find(name, version);
  if (secret === undefined) return secretNotFound(version === undefined ? name : `${name}/${version}`);
  if (!secret.enabled) return disabled();
  parts.reads.set(name.toLowerCase(), (parts.reads.get(name.toLowerCase()) ?? 0) + 1);
  return secretBundle(parts.vault, name, secret);
}

function foreignTenant(vault: VaultFacts, caller: LabCaller): LabAnswer {
  const expected = `https://sts.windows.net/${vault.tenantId}/`;
  const found = `https://sts.windows.net/${caller.tenantId}/`;
  return unauthorized(vault, `AKV10032: Invalid issuer. Expected one of ${expected}, found ${found}.`);
}

/** What each refusal says, by the vault's own numbers. */
const REFUSALS: Readonly<Record<Extract<Verdict, { ok: false }>['reason'], string>> = {
  missing: 'AKV10000: Request is missing a Bearer or PoP token.',
  malformed: 'AKV10001: The token is malformed.',
  signature: "Error validating token: the token's signature does not verify.",
  expired: 'Error validating token: the token is outside of its lifetime.',
  audience: 'AKV10022: Invalid audience.',
  issuer: 'AKV10032: Invalid issuer.',
};

function factsOf({ host, tenantId }: KeyVaultOptions): VaultFacts {
  const suffix = host.slice(host.indexOf('.') + 1);
  const cloud = suffix.endsWith('usgovcloudapi.net') ? CLOUDS.usgov : CLOUDS.global;
  return { host, tenantId, resource: `https://${suffix}`, signInHost: cloud.host };
}
