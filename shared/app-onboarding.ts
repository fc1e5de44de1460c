import { randomBytes } from 'node:crypto';
import type { Tenants } from './app-tenants.ts';
import { inspectClaims } from './auth/token-claims.ts';
import { createTokenSource, type TokenSourceOptions } from './auth/token-source.ts';
import type { Caller } from './caller.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { isOutriderError, OutriderError } from './errors.ts';
import type { Access } from './http/authorize.ts';
import type { TableStore } from './storage.ts';
import type { Resource } from './tenant.ts';
import type { ReadRoles } from './tenants/onboarding/confirm-consent.ts';
import type { Invitation } from './tenants/onboarding/invitation.ts';
import { createInvitations, type Invitations, unknownInvitation } from './tenants/onboarding/invitations.ts';
import { createOnboarding, type Onboarding } from './tenants/onboarding/onboard.ts';
import { createConfiguredTenants } from './tenants-from-config.ts';

/** What functions call to bring new tenants in. */
export interface TenantInvitations extends Onboarding, Pick<Invitations, 'create' | 'withdraw'> {
  /** Those of the tenants and groups that the caller may see; what cannot be read is named to callers who see all. */
  allFor(
    caller: Caller,
  ): Promise<{ readonly invitations: readonly Invitation[]; readonly problems: readonly string[] }>;
  /** By which an invitation has expired or not, in milliseconds since 1970 UTC. */
  now(): number;
  /** @throws OutriderError `request.not_found`, also for one that the caller may not see */
  findFor(caller: Caller, id: string): Promise<Invitation>;
}

export interface TenantInvitationsOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly table: () => TableStore;
  readonly tenants: Pick<Tenants, 'registry'>;
  /** Is anything of this tenant stored, by a sync of any time? */
  readonly hasData: (tenant: string) => Promise<boolean>;
  readonly access: Access;
  /** With which tokens are asked for, whoever the tenants are. */
  readonly tokens: Omit<TokenSourceOptions, 'tenants'>;
}

/** The part of the composition root that is about tenants which are no customers yet. */
export function createTenantInvitations(options: TenantInvitationsOptions): TenantInvitations {
  const { config, clock, table, access } = options;
  const { registry } = options.tenants;
  const { cloud, vaultUrl, federationIdentityClientId, syncDefaults: defaults } = config;
  const configured = new Set(config.tenants.map(({ id }) => id));
  const context = { cloud: cloud.name, vaultUrl, federationIdentityClientId };
  const shared = { registry, configured, clock, random: randomBytes };
  const invitations = createInvitations({ ...shared, table, context });
  const onboarding = createOnboarding({
    ...shared,
    invitations,
    hasData: options.hasData,
    readRoles: createReadRoles(options.tokens),
    cloud: cloud.name,
    defaults,
  });

  return {
    ...onboarding,
    create: invitations.create,
    withdraw: invitations.withdraw,
    now: clock.now,
    async allFor(caller) {
      const { invitations: all, unreadable } = await invitations.list();
      const seen = new Set(
        access.visibleTenants(caller, 'tenants.manage', all.map(placeOf)).map(({ invitation }) => invitation),
      );
      return {
        invitations: all.filter((invitation) => seen.has(invitation)),
        problems: access.seesAll(caller) ? unreadable : [],
      };
    },
    async findFor(caller, id) {
      const invitation = await invitations.find(id);
      if (!invitation) throw unknownInvitation(id);
      try {
        access.authorize(caller, 'tenants.manage', placeOf(invitation));
      } catch (error) {
        throw isOutriderError(error, 'tenant.unknown') ? unknownInvitation(id) : error;
      }
      return invitation;
    },
  };
}

/** Where an invitation belongs, as the tenant will: by its groups. */
function placeOf(invitation: Invitation) {
  return { id: invitation.tenantId ?? '', groups: invitation.facts.groups, invitation };
}

/**
 * The only tokens that are asked for without an active tenant: of one that an invitation's own browser has named. They are
 * read, and used for nothing. Each look signs in anew, so that neither a token nor a refusal from before it counts.
 */
function createReadRoles(tokens: Omit<TokenSourceOptions, 'tenants'>): ReadRoles {
  return async (candidate, resources, signal) => {
    const { getToken } = createTokenSource({ ...tokens, tenants: createConfiguredTenants([candidate]) });
    const held = resources.map(async (resource): Promise<readonly [Resource, readonly string[]]> => {
      const token = await getToken({ tenant: candidate.id, resource, signal });
      return [resource, rolesIn(token, candidate.id)];
    });
    return new Map(await Promise.all(held));
  };
}

/**
 * The roles in an app's own token of a tenant.
 *
 * @throws OutriderError `auth.refused` for a token of another tenant, or of a user; `request.invalid` for one that cannot be
 * read
 */
export function rolesIn(token: string, tenant: string): readonly string[] {
  const { tenantId, kind, roles } = inspectClaims(token);
  if (kind === 'app' && tenantId?.toLowerCase() === tenant) return roles;
  throw new OutriderError(
    'auth.refused',
    `The token that was issued for the tenant ${tenant} is not its own.`,
    {
      tenant,
    },
  );
}
