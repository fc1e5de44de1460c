import packageJson from '../../../package.json' with { type: 'json' };
import type { Config } from '../../../shared/config.ts';
import type { Capability } from '../../../shared/permissions.ts';
import type { Preflight } from '../../../shared/preflight/preflight.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { EXIT, fail } from '../../output/failure.ts';
import type { ActAs, SignedInAs } from '../../sign-in/sign-in-as.ts';

/** A tenant, and the way to look at it. */
export interface TenantChecker {
  readonly tenant: Pick<Tenant, 'id' | 'name'>;
  check(capabilities: readonly Capability[] | undefined): Promise<Preflight>;
}

export interface CheckersWish {
  readonly config: Config;
  readonly as: ActAs | undefined;
  /** Ids or names. */
  readonly words: readonly string[];
  readonly all: boolean;
}

/**
 * The tenants that are meant, each with the way to look at it: as the app of the settings, or as the signed-in person.
 *
 * @throws CommandFailure for tenants that are not there
 */
export async function checkersFor(wish: CheckersWish): Promise<readonly TenantChecker[]> {
  const { signInAs } = await import('../../sign-in/sign-in-as.ts');
  const signedIn = await signInAs(wish.as, wish.config);
  return signedIn.person ? asPerson(signedIn, signedIn.person, wish) : asApp(wish);
}

async function asApp({ config, words, all }: CheckersWish): Promise<readonly TenantChecker[]> {
  const { createOutrider } = await import('../../../shared/app.ts');
  const { allTenants } = await import('../../all-tenants.ts');
  const outrider = createOutrider(config);
  return chosenTenants(await allTenants(outrider), config, { words, all }).map((tenant) => ({
    tenant,
    check: (capabilities) => outrider.preflights.check(tenant, { capabilities }),
  }));
}

/** @throws CommandFailure for tenants that are not there */
export function chosenTenants(
  tenants: readonly Tenant[],
  { faults }: Pick<Config, 'faults'>,
  { words, all }: Pick<CheckersWish, 'words' | 'all'>,
): readonly Tenant[] {
  if (tenants.length === 0) {
    const texts = faults.map(({ text }) => text).join(' ');
    return fail(
      EXIT.usage,
      `No tenant is configured: set OUTRIDER_TENANT_ID or OUTRIDER_TENANTS, or register one. ${texts} In the lab: outrider lab exec -- outrider tenants check --all.`,
    );
  }
  const names = tenants.map(({ name }) => name).join(', ');
  if (words.length === 0) {
    if (all) return tenants.filter(({ enabled }) => enabled);
    return tenants.length === 1 ? tenants : fail(EXIT.usage, `Say which: --all, or some of ${names}.`);
  }
  const found = words.map(
    (word) =>
      tenants.find(({ id, name }) => [id, name.toLowerCase()].includes(word.toLowerCase())) ??
      fail(EXIT.usage, `There is no tenant ${word}. Known: ${names}.`),
  );
  return [...new Set(found)];
}

async function asPerson(
  { cloud, getToken }: SignedInAs,
  person: NonNullable<SignedInAs['person']>,
  { config, words, all }: CheckersWish,
): Promise<readonly TenantChecker[]> {
  const { placesOfPerson } = await import('../../sign-in/person-tenants.ts');
  const { createPreflightPorts } = await import('../../../shared/app-preflight.ts');
  const { createTransport } = await import('../../../shared/clients/transport.ts');
  const { createPace } = await import('../../../shared/clients/pace.ts');
  const { systemClock: clock } = await import('../../../shared/clock.ts');
  const { checkTenant } = await import('../../../shared/preflight/check-tenant.ts');
  const { version } = packageJson;
  const transport = createTransport({ getToken, clock, version, pace: createPace({ clock }) });
  const ports = createPreflightPorts({ cloud, getToken, transport });
  const wanted = all || words.length === 0 ? [{ all }] : words.map((tenant) => ({ tenant }));
  const places = await Promise.all(wanted.map((place) => placesOfPerson(config, { person, cloud }, place)));
  return places.flat().map((place) => {
    const tenant: Tenant = {
      ...{ enabled: true, cloud: cloud.name, sync: config.syncDefaults, ...place },
      // The person's own app: whose consent, if any, is missing.
      credential: { kind: 'federated', clientId: person.signIn.clientId },
    };
    return { tenant, check: (capabilities) => checkTenant({ ports, cloud, clock, capabilities }, tenant) };
  });
}
