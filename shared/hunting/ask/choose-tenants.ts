import { OutriderError } from '../../errors.ts';
import type { Tenant } from '../../tenant.ts';
import { closestTo } from '../../text.ts';

/**
 * The tenants that a hunt names by id or name, in any letter case, each once; all when it names none.
 *
 * @param all those of this deployment that the asker may see
 * @throws OutriderError `request.invalid` naming every one that is not there, or when there are none at all
 */
export function chooseTenants(
  all: readonly Tenant[],
  wanted: readonly string[] | undefined,
): readonly Tenant[] {
  if (all.length === 0) {
    throw new OutriderError(
      'request.invalid',
      'There is no tenant to hunt in: this deployment has none, or none that the caller may see.',
    );
  }
  if (wanted === undefined) return all;
  const faults: string[] = [];
  const chosen = new Set<Tenant>();
  for (const word of wanted) {
    const found = all.filter(({ id, name }) => [id, name.toLowerCase()].includes(word.toLowerCase()));
    if (found.length > 1) faults.push(`tenants: ${found.length} tenants are named "${word}". Use their ids.`);
    else if (found[0]) chosen.add(found[0]);
    else faults.push(`tenants: there is no tenant "${word.slice(0, 200)}"${hint(all, word)}`);
  }
  if (faults.length === 0) return [...chosen];
  throw new OutriderError('request.invalid', `The tenants to hunt in are wrong. ${faults.join(' ')}`, {
    details: faults,
  });
}

function hint(all: readonly Tenant[], word: string): string {
  const names = all.map(({ name }) => name);
  const meant = word.length > 200 ? undefined : closestTo(word, names);
  return meant === undefined ? '.' : `; did you mean ${meant}?`;
}
