import { isOutriderError } from '../errors.ts';
import type { TableStore } from '../storage.ts';
import { daysIfSoon, expiryWords } from './credential-expiry.ts';

/** A secret or certificate of Key Vault that expires soon, or has expired. */
export interface ExpiringCredential {
  readonly kind: 'secret' | 'certificate';
  /** In Key Vault. */
  readonly name: string;
  /** The tenant that is signed in to with it, or the first of several. */
  readonly tenant: string;
  readonly tenants: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** What the daily look has found: row `e|credentials` beside the records of tenants. */
export interface Expiring {
  readonly checkedMs: number;
  readonly soon: readonly ExpiringCredential[];
}

const PARTITION = 'tenants';
const KEY = 'e|credentials';
const FORMAT = 1;
/** A row's column holds 32 Ki characters, and nobody reads further in a list of warnings. */
const MOST_KEPT = 100;

export async function keepExpiring(table: TableStore, { checkedMs, soon }: Expiring): Promise<void> {
  const first = [...soon].sort((a, b) => a.expiresAtMs - b.expiresAtMs).slice(0, MOST_KEPT);
  const columns = { v: FORMAT, checkedMs: String(checkedMs), soon: JSON.stringify(first) };
  const before = await table.get(PARTITION, KEY);
  const write = before
    ? ({ op: 'replace', key: KEY, columns, etag: before.etag } as const)
    : ({ op: 'insert', key: KEY, columns } as const);
  try {
    await table.transact(PARTITION, [write]);
  } catch (error) {
    if (!isOutriderError(error, 'storage.conflict')) throw error;
  }
}

export async function readExpiring(table: TableStore): Promise<Expiring | undefined> {
  const row = await table.get(PARTITION, KEY);
  if (row?.columns.v !== FORMAT || typeof row.columns.soon !== 'string') return undefined;
  return {
    checkedMs: Number(row.columns.checkedMs),
    soon: JSON.parse(row.columns.soon) as ExpiringCredential[],
  };
}

/** What health says of them, soonest first. */
export function expiryWarnings({ soon }: Expiring, nowMs: number): readonly string[] {
  return soon.flatMap(({ kind, name, tenant, tenants, expiresAtMs }) => {
    const days = daysIfSoon(expiresAtMs, nowMs);
    if (days === undefined) return [];
    const whose = tenants === 1 ? `tenant ${tenant}` : `tenant ${tenant} and ${tenants - 1} more`;
    return `The ${kind} "${name}" in Key Vault, for ${whose}, ${expiryWords(days, expiresAtMs)}. Renew it there and in the app registration.`;
  });
}
