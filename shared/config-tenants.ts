import * as z from 'zod';
import type { SettingName } from './settings.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { CloudName, Credential, SyncSettings, Tenant } from './tenant.ts';
import { isGuid } from './text.ts';

/** What the tenants' settings are checked against. */
export interface TenantContext {
  readonly cloud: CloudName;
  readonly vaultUrl: string | undefined;
  readonly federationIdentityClientId: string | undefined;
}

const guid = z
  .string()
  .refine(isGuid, 'must be a GUID')
  .transform((id) => id.toLowerCase());
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates: letters, digits, hyphens.
const vaultName = z.string().regex(/^[0-9a-zA-Z-]{1,127}$/, 'must be the name of an object in Key Vault');

const credential = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('managedIdentity'), clientId: guid.optional() }),
  z.strictObject({ kind: z.literal('federated'), clientId: guid }),
  z.strictObject({ kind: z.literal('certificate'), clientId: guid, certificateName: vaultName }),
  z.strictObject({ kind: z.literal('secret'), clientId: guid, secretName: vaultName }),
]);

function wholeNumber(from: number, to: number) {
  const rule = `must be a whole number from ${from} to ${to}`;
  return z.int(rule).min(from, rule).max(to, rule);
}

const days = wholeNumber(1, 36_500);
const syncSettings = z.strictObject({
  intervalMinutes: wholeNumber(1, 1_440),
  backfillDays: days,
  overlapMinutes: wholeNumber(1, 360),
  historyDays: days,
  resolvedDays: days,
  legalHold: z.boolean('must be true or false'),
});

const tenantRecord = z.strictObject({
  id: guid,
  name: z.string().min(1).max(200).optional(),
  enabled: z.boolean().default(true),
  cloud: z.string().optional(),
  api: z.enum(['graph', 'xdr']).default('graph'),
  huntingApi: z.enum(['graph', 'xdr']).default('graph'),
  credential,
  sync: syncSettings.partial().optional(),
});

/** The tenants that are whole; every fault of the others is reported. */
export function readTenants(settings: SettingsReader, context: TenantContext): Tenant[] {
  const defaults = readSyncDefaults(settings);
  const records = settings.get('OUTRIDER_TENANTS') ? readList(settings) : readSingle(settings);
  const seen = new Set<string>();
  return records.flatMap(({ label, record }) => {
    const parsed = tenantRecord.safeParse(record, {
      error: ({ code, input }) => (code === 'invalid_type' && input === undefined ? 'is missing' : undefined),
    });
    if (!parsed.success) {
      for (const issue of parsed.error.issues) report(settings, label, issue);
      return [];
    }
    const { sync, name, cloud, credential, ...rest } = parsed.data;
    const fault = (text: string): never[] => {
      settings.fault('tenants', label, `${label}: ${text}`);
      return [];
    };
    if (seen.has(rest.id)) return fault(`the tenant ${rest.id} is listed twice. Remove one.`);
    seen.add(rest.id);
    if (cloud !== undefined && cloud !== context.cloud) {
      return fault(
        `the tenant is in the cloud "${cloud}", this deployment serves "${context.cloud}" (OUTRIDER_CLOUD). Deploy Outrider once for each cloud.`,
      );
    }
    const missing = missingFor(credential as Credential, context);
    if (missing) return fault(missing);
    return [
      {
        ...rest,
        name: name ?? rest.id,
        cloud: context.cloud,
        credential: credential as Credential,
        sync: { ...defaults, ...sync } as SyncSettings,
      },
    ];
  });
}

function missingFor(credential: Credential, context: TenantContext): string | undefined {
  if (credential.kind === 'federated' && !context.federationIdentityClientId) {
    return 'a federated credential needs OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID, the client id of the user-assigned identity that it trusts.';
  }
  if ((credential.kind === 'secret' || credential.kind === 'certificate') && !context.vaultUrl) {
    return `a credential of kind ${credential.kind} needs OUTRIDER_VAULT_URL.`;
  }
  return undefined;
}

interface Labelled {
  readonly label: string;
  readonly record: unknown;
}

const SINGLE = [
  'OUTRIDER_TENANT_NAME',
  'OUTRIDER_CLIENT_ID',
  'OUTRIDER_CREDENTIAL',
  'OUTRIDER_CREDENTIAL_NAME',
  'OUTRIDER_API',
  'OUTRIDER_HUNTING_API',
] as const satisfies readonly SettingName[];

function readList(settings: SettingsReader): Labelled[] {
  const doubled = (['OUTRIDER_TENANT_ID', ...SINGLE] as const).filter((name) => settings.get(name));
  if (doubled.length > 0) {
    settings.fault(
      'tenants',
      'OUTRIDER_TENANTS',
      `OUTRIDER_TENANTS and ${doubled.join(', ')} contradict each other: name the tenants in one way only. OUTRIDER_TENANTS is used.`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(settings.get('OUTRIDER_TENANTS') ?? '');
  } catch {
    parsed = undefined;
  }
  if (Array.isArray(parsed) && parsed.length > 0) {
    return parsed.map((record, index) => ({ label: `OUTRIDER_TENANTS[${index}]`, record }));
  }
  settings.fault(
    'tenants',
    'OUTRIDER_TENANTS',
    'OUTRIDER_TENANTS must be a JSON array with at least one {"id": "...", "credential": {"kind": "...", ...}}.',
  );
  return [];
}

function readSingle(settings: SettingsReader): Labelled[] {
  const id = settings.get('OUTRIDER_TENANT_ID');
  if (id === undefined) {
    const set = SINGLE.filter((name) => settings.get(name));
    const found = set.length > 0 ? `${set.join(', ')} set, but ` : '';
    settings.fault(
      'tenants',
      'OUTRIDER_TENANT_ID',
      `No tenant: ${found}OUTRIDER_TENANT_ID is missing. Set it with OUTRIDER_CLIENT_ID and OUTRIDER_CREDENTIAL, or set OUTRIDER_TENANTS.`,
    );
    return [];
  }
  const kind = settings.get('OUTRIDER_CREDENTIAL') ?? 'federated';
  const clientId = settings.get('OUTRIDER_CLIENT_ID');
  const objectName = settings.get('OUTRIDER_CREDENTIAL_NAME');
  if (objectName !== undefined && (kind === 'federated' || kind === 'managedIdentity')) {
    settings.fault(
      'tenants',
      'OUTRIDER_CREDENTIAL_NAME',
      `OUTRIDER_CREDENTIAL_NAME is set, but a credential of kind ${kind} has no name. Remove it, or set OUTRIDER_CREDENTIAL to secret or certificate.`,
    );
  }
  return [
    {
      label: 'the tenant of OUTRIDER_TENANT_ID',
      record: {
        id,
        name: settings.get('OUTRIDER_TENANT_NAME'),
        api: settings.get('OUTRIDER_API'),
        huntingApi: settings.get('OUTRIDER_HUNTING_API'),
        credential: {
          kind,
          clientId,
          ...(kind === 'secret' ? { secretName: objectName } : {}),
          ...(kind === 'certificate' ? { certificateName: objectName } : {}),
        },
      },
    },
  ];
}

/** The single-tenant setting behind a field, so that the fault names what the reader can change. */
const SETTING_OF: Readonly<Record<string, SettingName>> = {
  id: 'OUTRIDER_TENANT_ID',
  api: 'OUTRIDER_API',
  huntingApi: 'OUTRIDER_HUNTING_API',
  'credential.kind': 'OUTRIDER_CREDENTIAL',
  'credential.clientId': 'OUTRIDER_CLIENT_ID',
  'credential.secretName': 'OUTRIDER_CREDENTIAL_NAME',
  'credential.certificateName': 'OUTRIDER_CREDENTIAL_NAME',
};

function report(settings: SettingsReader, label: string, issue: z.core.$ZodIssue): void {
  const path = issue.path.join('.');
  const setting = label.startsWith('OUTRIDER_TENANTS') ? undefined : SETTING_OF[path];
  settings.fault(
    'tenants',
    setting ?? label,
    `${setting ?? `${label}${path ? `.${path}` : ''}`}: ${issue.message.replace(/^Invalid input: /, '')}.`,
  );
}

const SYNC_SETTING: Readonly<Record<keyof SyncSettings, readonly [SettingName, number | boolean]>> = {
  intervalMinutes: ['OUTRIDER_INTERVAL_MINUTES', 5],
  backfillDays: ['OUTRIDER_BACKFILL_DAYS', 30],
  overlapMinutes: ['OUTRIDER_OVERLAP_MINUTES', 10],
  historyDays: ['OUTRIDER_HISTORY_DAYS', 90],
  resolvedDays: ['OUTRIDER_RESOLVED_DAYS', 365],
  legalHold: ['OUTRIDER_LEGAL_HOLD', false],
};

function readSyncDefaults(settings: SettingsReader): SyncSettings {
  const entries = Object.entries(SYNC_SETTING).map(([field, [name, fallback]]) => {
    const text = settings.get(name);
    if (text === undefined) return [field, fallback];
    const value = typeof fallback === 'boolean' ? booleanOf(text) : Number(text);
    const parsed = syncSettings.shape[field as keyof SyncSettings].safeParse(value);
    if (parsed.success) return [field, parsed.data];
    // A hold that cannot be read is kept: deleting is what cannot be undone.
    const used = typeof fallback === 'boolean' ? true : fallback;
    const problem = parsed.error.issues[0]?.message ?? 'not usable';
    settings.fault('tenants', name, `${name}: ${problem}. ${used} is used meanwhile.`);
    return [field, used];
  });
  return Object.fromEntries(entries) as SyncSettings;
}

function booleanOf(text: string): boolean | undefined {
  if (/^(true|1|yes)$/i.test(text)) return true;
  return /^(false|0|no)$/i.test(text) ? false : undefined;
}
