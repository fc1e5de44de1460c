import type { Config } from '../../shared/config.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { isGuid } from '../../shared/text.ts';
import { EXIT, fail } from '../output/failure.ts';
import type { Person } from './person.ts';
import { tenantNamed } from './target.ts';

/** What a command has to know of a tenant to read there. */
export type PlaceToRead = Pick<Tenant, 'id' | 'name' | 'api' | 'huntingApi'>;

/**
 * Where a person's command reads: the tenant that is named, all of the settings, or the one signed in to. A person may
 * name any tenant: whether it lets them in is its own decision.
 *
 * @throws CommandFailure for what names no tenant
 */
export function placesOfPerson(
  config: Pick<Config, 'tenants'>,
  { signIn }: Pick<Person, 'signIn'>,
  { tenant, all = false }: { readonly tenant?: string | undefined; readonly all?: boolean },
): readonly PlaceToRead[] {
  if (tenant !== undefined && all) return fail(EXIT.usage, 'Either --tenant or --all, not both.');
  const enabled = config.tenants.filter(({ enabled }) => enabled);
  if (all) {
    return enabled.length > 0
      ? enabled
      : fail(EXIT.usage, 'No tenant is configured, so there are not all: name one by --tenant.');
  }
  const id = tenant === undefined ? signIn.tenantId : tenantNamed(config, tenant);
  const known = enabled.find((each) => each.id === id);
  if (known) return [known];
  if (!isGuid(id)) return fail(EXIT.usage, `Name the tenant ${id} by its directory id, a GUID.`);
  return [{ id, name: id, api: 'graph', huntingApi: 'graph' }];
}
