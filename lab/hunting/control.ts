import { z } from 'zod';
import type { Binding } from './binding.ts';
import type { HuntLimits } from './limits.ts';
import type { HuntFailure, HuntRule, Plays } from './plays.ts';
import { readStoredRow, type StoredFor, type StoredRow, type StoredRows } from './rows/stored.ts';

const tenant = z.string().min(1).optional();
const which = {
  query: z.string().optional(),
  hash: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  tenant,
};
const row = z.union([z.string(), z.record(z.string(), z.unknown())]);
export const rowsRequest = z.strictObject({ ...which, rows: z.array(row), add: z.boolean().optional() });
export const ruleRequest = z.strictObject({
  ...which,
  rowsPerHour: z.number().min(0).optional(),
  rowBytes: z.int().min(0).optional(),
  runMs: z.number().min(0).optional(),
  cpuMs: z.number().min(0).optional(),
});
export const failRequest = z.strictObject({
  ...which,
  kind: z.enum(['calls', 'cpu', 'time', 'size', 'error', 'incomplete']),
  times: z.int().min(1).optional(),
  status: z.int().min(400).max(599).optional(),
});
export const cpuRequest = z.strictObject({ tenant: z.string().min(1), percent: z.number().min(0) });

/** A query by its text, or by its hash as the request log shows it. */
export interface WhichQuery {
  readonly query?: string | undefined;
  readonly hash?: string | undefined;
  readonly tenant?: string | undefined;
}

/** A row as an object, or as its JSON text where every digit counts. */
export type GivenRow = string | Readonly<Record<string, unknown>>;

export interface HuntState {
  readonly rules: readonly HuntRule[];
  readonly failures: readonly HuntFailure[];
  readonly stored: readonly (StoredFor & { readonly rows: number })[];
}

/** What hunting lets itself be told. Every request is also what the control interface takes as JSON. */
export interface HuntControl {
  /** The hash that names a query, whatever its span. @throws an Error when the query is refused */
  hashOf(query: string): Promise<string>;
  /** Gives a query its rows instead of generated ones, or, with `add`, more of them. */
  setRows(
    request: WhichQuery & { readonly rows: readonly GivenRow[]; readonly add?: boolean | undefined },
  ): Promise<void>;
  /** The same for rows that have been read already. */
  loadRows(where: StoredFor, rows: readonly StoredRow[]): void;
  /** Without a query it holds for all, without a tenant likewise. */
  rule(request: WhichQuery & Omit<HuntRule, 'hash'>): Promise<void>;
  failNext(request: WhichQuery & Omit<HuntFailure, 'hash'>): Promise<void>;
  /** Sets the share of CPU that a tenant has used in this cycle. */
  setCpu(request: { readonly tenant: string; readonly percent: number }): void;
  cpuPercent(tenant: string): number;
  /** Removes given rows, rules and failures. */
  clear(): void;
  state(): HuntState;
}

export function createHuntControl(parts: {
  readonly limits: HuntLimits;
  readonly plays: Plays;
  readonly stored: StoredRows;
  /** Drops answers that were kept. */
  readonly forget: () => void;
  readonly bind: (query: string) => Promise<Binding>;
}): HuntControl {
  const { limits, plays, stored, forget, bind } = parts;

  async function hashOf(query: string): Promise<string> {
    const binding = await bind(query);
    if (binding.ok) return binding.hash;
    throw new Error(`The query cannot be run: ${binding.message}`);
  }

  /** Replaces a query by its hash. */
  async function named<T extends WhichQuery>({ query, ...rest }: T) {
    const hash = query === undefined ? rest.hash : await hashOf(query);
    return { ...rest, ...(hash === undefined ? {} : { hash }) };
  }

  return {
    hashOf,
    async setRows(request) {
      const { rows, add = false, ...where } = request;
      const { hash, tenant } = await named(where);
      if (hash === undefined) throw new Error('Say which query the rows are for: query or hash.');
      const read = rows.map((one) => readStoredRow(typeof one === 'string' ? one : JSON.stringify(one)));
      stored[add ? 'add' : 'set']({ hash, tenant }, read);
      forget();
    },
    loadRows(where, rows) {
      stored.add(where, rows);
      forget();
    },
    async rule(request) {
      plays.rule(await named(request));
    },
    async failNext(request) {
      plays.fail(await named(request));
    },
    setCpu(request) {
      limits.setCpu(request.tenant, request.percent);
    },
    cpuPercent: limits.cpuPercent,
    clear() {
      stored.clear();
      plays.clear();
      forget();
    },
    state: () => ({ rules: plays.rules(), failures: plays.failures(), stored: stored.counts() }),
  };
}
