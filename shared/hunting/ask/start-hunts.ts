import { createHash } from 'node:crypto';
import { mapLimit } from '../../concurrency.ts';
import { isOutriderError, OutriderError } from '../../errors.ts';
import type { Tenant } from '../../tenant.ts';
import type { RequestDependencies } from '../run/dependencies.ts';
import { fingerprint, keyReused, requestHunt } from '../run/request.ts';
import { type GroupEntry, type HuntGroup, newGroupId } from './hunt-group.ts';
import type { PreparedHunt } from './prepare-hunt.ts';
import { readGroup, writeGroup } from './stored-group.ts';

/** Tenants asked for at the same time: a few storage writes each. */
const AT_ONCE = 8;

/**
 * Asks for a run in one tenant.
 *
 * @returns the run's id
 * @throws OutriderError `tenant.disabled`, and what `requestHunt` throws
 */
export async function startHunt(
  dependencies: RequestDependencies,
  tenant: Pick<Tenant, 'id' | 'name' | 'enabled'>,
  hunt: PreparedHunt,
  group?: string,
): Promise<string> {
  if (!tenant.enabled) {
    throw new OutriderError(
      'tenant.disabled',
      `The tenant ${tenant.name} is not in service, so nothing is hunted there. Resume it, or enable it in OUTRIDER_TENANTS.`,
      { tenant: tenant.id },
    );
  }
  const { id } = await requestHunt(dependencies, { ...hunt, tenant: tenant.id, group });
  return id;
}

/**
 * Asks for a run in each of the tenants. What fails in one is told for that one.
 *
 * @param which `all` where no tenant was named: the same request may mean more tenants, or fewer, when it comes again
 * @throws OutriderError when no tenant has a run: what the first one met; `hunt.key_reused` when the idempotency key
 * stands for another request, before anything is asked for
 */
export async function startHunts(
  dependencies: RequestDependencies,
  tenants: readonly Tenant[],
  hunt: PreparedHunt,
  which: 'all' | 'named' = 'named',
): Promise<HuntGroup> {
  const { clock, blobs } = dependencies;
  const requestedMs = clock.now();
  const id = newGroupId(hunt.askedBy, hunt.idempotencyKey);
  const asked = askedOf({ ...hunt, group: id }, which === 'all' ? undefined : tenants);
  const before = hunt.idempotencyKey === undefined ? undefined : await readGroup(blobs, id);
  if (before?.asked !== undefined && before.asked !== asked) throw keyReused();
  const errors: OutriderError[] = [];
  const entries = await mapLimit(tenants, AT_ONCE, async (tenant): Promise<GroupEntry> => {
    try {
      return { tenant: tenant.id, run: await startHunt(dependencies, tenant, hunt, id) };
    } catch (error) {
      if (!isOutriderError(error)) throw error;
      errors.push(error);
      return { tenant: tenant.id, failure: { code: error.code, text: error.message } };
    }
  });
  const [first] = errors;
  if (first && errors.length === tenants.length) throw first;
  const group: HuntGroup = { id, askedBy: hunt.askedBy, requestedMs, entries, asked };
  const ids = new Set(tenants.map((tenant) => tenant.id));
  const others = before?.entries.filter(({ tenant }) => !ids.has(tenant)) ?? [];
  await writeGroup(blobs, { ...group, entries: [...entries, ...others] });
  // Without the others: the asker may not see them any more.
  return group;
}

/** @param tenants undefined for all */
function askedOf(
  hunt: PreparedHunt & { readonly group: string },
  tenants: readonly Pick<Tenant, 'id'>[] | undefined,
): string {
  const ids = tenants?.map(({ id }) => id).sort();
  return createHash('sha256')
    .update(JSON.stringify([fingerprint(hunt), ids ?? 'all']))
    .digest('hex');
}
