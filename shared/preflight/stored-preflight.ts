import { isOutriderError } from '../errors.ts';
import type { Capability } from '../permissions.ts';
import type { Row, TableStore } from '../storage.ts';
import type { Tenant } from '../tenant.ts';
import type { Preflight } from './preflight.ts';
import type { PreflightState } from './states.ts';

/**
 * What is kept of a tenant's last preflight: row `p|tenant` beside the records of tenants. It is a summary: the whole is
 * had by asking again.
 */
export interface LastPreflight {
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly ok: boolean;
  readonly states: Readonly<Partial<Record<Capability, PreflightState>>>;
  readonly notes: readonly string[];
}

const PARTITION = 'tenants';
const FORMAT = 1;
const keyOf = (tenant: string): string => `p|${tenant}`;

/** Which registration of a tenant it was; tenants of the settings have none. */
type Registered = Pick<Tenant, 'id' | 'generation'>;

/** Keeps a preflight as the last one. Should another one be kept at the same moment, that one stays. */
export async function keepPreflight(
  table: TableStore,
  { id, generation = 0 }: Registered,
  { atMs, ok, capabilities, notes }: Preflight,
): Promise<void> {
  const states = Object.fromEntries(capabilities.map(({ capability, state }) => [capability, state]));
  const columns = { v: FORMAT, generation, last: JSON.stringify({ atMs, ok, states, notes }) };
  const key = keyOf(id);
  const before = await table.get(PARTITION, key);
  const write = before
    ? ({ op: 'replace', key, columns, etag: before.etag } as const)
    : ({ op: 'insert', key, columns } as const);
  try {
    await table.transact(PARTITION, [write]);
  } catch (error) {
    if (!isOutriderError(error, 'storage.conflict')) throw error;
  }
}

/** The last preflight of this registration of a tenant; undefined where there was none, or a later version wrote it. */
export async function readLastPreflight(
  table: TableStore,
  { id, generation = 0 }: Registered,
): Promise<LastPreflight | undefined> {
  const row = await table.get(PARTITION, keyOf(id));
  return row && row.columns.generation === generation ? decode(row) : undefined;
}

function decode({ columns: { v, last } }: Row): LastPreflight | undefined {
  return v === FORMAT && typeof last === 'string' ? (JSON.parse(last) as LastPreflight) : undefined;
}
