import { type Config, type Environment, readConfig } from '../../shared/config.ts';

/** A GUID that differs by its number. */
export const guid = (n: number): string => `11111111-2222-4333-8444-${String(n).padStart(12, '0')}`;

/** Settings without a fault: one tenant by federated credential. */
export const SOUND = {
  OUTRIDER_TENANT_ID: guid(1),
  OUTRIDER_CLIENT_ID: guid(2),
  OUTRIDER_FEDERATION_IDENTITY_CLIENT_ID: guid(3),
  OUTRIDER_API_CLIENT_ID: guid(4),
  AzureWebJobsStorage__accountName: 'outriderstate',
} as const satisfies Readonly<Record<string, string>>;

export const read = (over: Environment = {}): Config => readConfig({ ...SOUND, ...over });

export const federated = { kind: 'federated', clientId: guid(2) };

/** Settings of several tenants in place of the one of {@link SOUND}. */
export const list = (...tenants: readonly unknown[]): Environment => ({
  OUTRIDER_TENANT_ID: undefined,
  OUTRIDER_CLIENT_ID: undefined,
  OUTRIDER_API_TENANT_ID: guid(1),
  OUTRIDER_TENANTS: JSON.stringify(tenants),
});

/** The settings that faults name, sorted. */
export const named = (config: Config): string[] => config.faults.map(({ setting }) => setting).sort();

export const textOf = (config: Config, setting: string): string =>
  config.faults.find((fault) => fault.setting === setting)?.text ?? '';
