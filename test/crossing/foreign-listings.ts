import type { Random } from '../../lab/defender/random.ts';
import { listIncidents } from '../../shared/incidents/list-incidents.ts';
import type { TableStore } from '../../shared/storage.ts';
import type { Findings } from './findings.ts';
import type { CrossingTenant } from './tenants.ts';

const TOP = 3;

/** Lists a tenant's stored incidents in pages, then goes on with the continuation token of whoever listed before. */
export function createForeignListings({
  table,
  random,
  findings,
}: {
  readonly table: TableStore;
  readonly random: Random;
  readonly findings: Findings;
}): (of: CrossingTenant) => Promise<void> {
  const { counts } = findings;
  const tokens = new Map<string, string>();

  async function page(
    of: CrossingTenant,
    token?: string,
  ): Promise<{ rows: number; next: string | undefined }> {
    const { items, next } = await listIncidents(table, { tenant: of.tenant.id, filter: {}, top: TOP, token });
    for (const { title, id } of items) {
      if (!title.includes(of.mark)) findings.crossing(`the list of ${of.mark} shows ${id}, “${title}”`);
    }
    return { rows: items.length, next };
  }

  return async (of) => {
    const others = [...tokens.keys()].filter((mark) => mark !== of.mark);
    const { next } = await page(of);
    if (next !== undefined) tokens.set(of.mark, next);
    if (others.length === 0) return;
    const { rows } = await page(of, tokens.get(random.pick(others)));
    counts.foreignListings++;
    counts.foreignListingRows += rows;
  };
}
