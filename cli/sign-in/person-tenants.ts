import type { Cloud } from '../../shared/clouds.ts';
import type { Config } from '../../shared/config.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { EXIT, fail } from '../output/failure.ts';
import type { Person } from './person.ts';
import { directoryIdOf, tenantNamed } from './target.ts';

/** What a command has to know of a tenant to read there. */
export type PlaceToRead = Pick<Tenant, 'id' | 'name' | 'api' | 'huntingApi'>;

/** Who reads, and in which cloud. */
export interface PlacedPerson {
  readonly person: Pick<Person, 'signIn'>;
  readonly cloud: Cloud;
}

/**
 * Where a person's command reads: the tenant that is named, all of the settings, or the one signed in to. A person may
 * name any tenant: whether it lets them in is its own decision.
 *
 * @throws CommandFailure for what names no tenant
 */
export async function placesOfPerson(
  config: Pick<Config, 'tenants'>,
  { person: { signIn }, cloud }: PlacedPerson,
  { tenant, all = false }: { readonly tenant?: string | undefined; readonly all?: boolean },
): Promise<readonly PlaceToRead[]> {
  if (tenant !== undefined && all) return fail(EXIT.usage, 'Either --tenant or --all, not both.');
  const enabled = config.tenants.filter(({ enabled }) => enabled);
  if (all) {
    return enabled.length > 0
      ? enabled
      : fail(EXIT.usage, 'No tenant is configured, so there are not all: name one by --tenant.');
  }
  const id = tenant === undefined ? signIn.tenantId : await directoryIdOf(tenantNamed(config, tenant), cloud);
  const known = enabled.find((each) => each.id === id);
  if (known) return [known];
  return [{ id, name: id, api: 'graph', huntingApi: 'graph' }];
}
