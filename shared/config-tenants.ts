import * as z from 'zod';
import { groupName } from './config-callers.ts';
import type { SettingName } from './settings.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { Credential, SyncSettings, Tenant } from './tenant.ts';
import {
  credentialSchema,
  familySchema,
  guid,
  missingFor,
  nameSchema,
  syncSchema,
  type TenantContext,
  wrongCloud,
} from './tenant-schema.ts';

const tenantRecord = z.strictObject({
  id: guid,
  name: nameSchema.optional(),
  enabled: z.boolean().default(true),
  cloud: z.string().optional(),
  api: familySchema.default('graph'),
  huntingApi: familySchema.default('graph'),
  credential: credentialSchema,
  groups: z.array(groupName).max(100, 'may have 100 groups at most').optional(),
  sync: syncSchema.partial().optional(),
});

/** The tenants that are whole; every fault of the others is reported. None is right where all are registered. */
export function readTenants(
  settings: SettingsReader,
  context: TenantContext,
  defaults: SyncSettings,
): Tenant[] {
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
    const { sync, name, cloud, credential, groups, ...rest } = parsed.data;
    const fault = (text: string): never[] => {
      settings.fault('tenants', label, `${label}: ${text}`);
      return [];
    };
    if (seen.has(rest.id)) return fault(`the tenant ${rest.id} is listed twice. Remove one.`);
    seen.add(rest.id);
    const elsewhere = wrongCloud(cloud, context);
    if (elsewhere) return fault(elsewhere);
    const missing = missingFor(credential as Credential, context);
    if (missing) return fault(missing);
    return [
      {
        ...rest,
        ...(groups === undefined ? {} : { groups }),
        name: name ?? rest.id,
        cloud: context.cloud,
        credential: credential as Credential,
        sync: { ...defaults, ...sync } as SyncSettings,
      },
    ];
  });
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
    if (set.length === 0) return [];
    settings.fault(
      'tenants',
      'OUTRIDER_TENANT_ID',
      `No tenant: ${set.join(', ')} set, but OUTRIDER_TENANT_ID is missing. Set it with OUTRIDER_CLIENT_ID and OUTRIDER_CREDENTIAL, or set OUTRIDER_TENANTS.`,
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

/** What holds for a tenant that does not say otherwise. */
export function readSyncDefaults(settings: SettingsReader): SyncSettings {
  const entries = Object.entries(SYNC_SETTING).map(([field, [name, fallback]]) => {
    const text = settings.get(name);
    if (text === undefined) return [field, fallback];
    const value = typeof fallback === 'boolean' ? booleanOf(text) : Number(text);
    const parsed = syncSchema.shape[field as keyof SyncSettings].safeParse(value);
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
