import type { FieldChange } from './audit.ts';
import type { TenantFacts, TenantRecord } from './record.ts';

/** The fields of a tenant that people change, in the order in which they are told. */
const FIELDS = ['name', 'state', 'api', 'huntingApi', 'credential', 'sync', 'groups', 'tags'] as const;

/** What differs between two versions of a record; everything, where there was none. */
export function changesOf(before: TenantRecord | undefined, after: TenantRecord): readonly FieldChange[] {
  return FIELDS.filter((field) => !same(before?.[field], after[field])).map((field) => ({
    field,
    ...(before === undefined ? {} : { from: before[field] }),
    to: after[field],
  }));
}

/** What callers may say of a tenant. A value of `sync` that is null is given back to the deployment's settings. */
export type TenantPatch = {
  readonly [Field in Exclude<keyof TenantFacts, 'sync'>]?: TenantFacts[Field] | undefined;
} & { readonly sync?: SyncPatch | undefined };

export type SyncPatch = {
  readonly [Field in keyof TenantFacts['sync']]?: TenantFacts['sync'][Field] | null | undefined;
};

/** The record with what the patch says. Fields that are left out stay. */
export function patched(record: TenantRecord, { sync, ...facts }: TenantPatch): TenantRecord {
  const said = Object.entries(facts).filter(([, value]) => value !== undefined);
  return {
    ...record,
    ...Object.fromEntries(said),
    ...(sync ? { sync: patchedSync(record.sync, sync) } : {}),
  };
}

export function patchedSync(before: TenantFacts['sync'], patch: SyncPatch): TenantFacts['sync'] {
  const all = Object.entries({ ...before, ...patch });
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined));
}

/** JSON says the same: order of keys included, since it is ours. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
