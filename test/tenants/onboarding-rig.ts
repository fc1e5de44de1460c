import { randomBytes } from 'node:crypto';
import { OutriderError } from '../../shared/errors.ts';
import type { Resource, Tenant } from '../../shared/tenant.ts';
import type { ReadRoles } from '../../shared/tenants/onboarding/confirm-consent.ts';
import {
  createInvitations,
  type Invitations,
  type InvitationWish,
} from '../../shared/tenants/onboarding/invitations.ts';
import { createOnboarding, type Onboarding } from '../../shared/tenants/onboarding/onboard.ts';
import type { End } from '../../shared/tenants/onboarding/outcome.ts';
import type { TenantRegistry } from '../../shared/tenants/registry.ts';
import {
  CLIENT,
  CONFIGURED,
  CONTEXT,
  createRegistryRig,
  DEFAULTS,
  type RegistryRig,
} from './registry-rig.ts';

export const GRAPH_ROLES = ['SecurityIncident.Read.All', 'SecurityAlert.Read.All', 'ThreatHunting.Read.All'];
export const FACTS = {
  api: 'graph',
  huntingApi: 'graph',
  credential: { kind: 'federated', clientId: CLIENT },
  sync: {},
  groups: [],
  tags: {},
} as const;

/** What a browser has after it has opened a link. */
export interface Browser {
  readonly link: string;
  readonly cookie: string;
  readonly state: string;
}

type Consent = Partial<Record<Resource, readonly string[]>>;

export interface OnboardingRig extends RegistryRig {
  readonly invitations: Invitations;
  readonly onboarding: Onboarding;
  /** What tokens of tenants say; a tenant that is not in here has not consented. */
  readonly consents: Map<string, Consent | OutriderError | (() => Consent | undefined)>;
  /** Tenants for which tokens were asked, in turn. */
  readonly asked: Tenant[];
  /** Tenants of which incidents are stored. */
  readonly kept: Set<string>;
  /** Another instance of the app, or the same with a part of the registry replaced. */
  onboardingWith(registry?: TenantRegistry): Onboarding;
  invite(wish?: Partial<InvitationWish>): Promise<{ readonly id: string; readonly link: string }>;
  /** Opens a link that leads on. */
  opened(link: string): Promise<Browser>;
  /** Comes back from the consent page, as a browser that was told `tenant`. */
  back(browser: Omit<Browser, 'link'>, tenant: string, by?: Onboarding): Promise<End>;
  /** What an invitation has seen, the first first. */
  kinds(id: string): Promise<readonly string[]>;
  /** What the audit says was done with a tenant, the first first. */
  audited(tenant: string): Promise<readonly string[]>;
  stateOf(tenant: string): Promise<string | undefined>;
}

/** Invitations in memory, in virtual time: tokens alone are made up. */
export function createOnboardingRig(): OnboardingRig {
  const rig = createRegistryRig();
  const { clock, store, registry, by } = rig;
  const consents: OnboardingRig['consents'] = new Map();
  const asked: Tenant[] = [];
  const kept = new Set<string>();
  const readRoles: ReadRoles = async (candidate, resources) => {
    asked.push(candidate);
    const known = consents.get(candidate.id);
    const consent = typeof known === 'function' ? known() : known;
    if (consent instanceof OutriderError) throw consent;
    if (!consent) throw new OutriderError('auth.app_not_in_tenant', 'not there', { tenant: candidate.id });
    return new Map(resources.map((resource) => [resource, consent[resource] ?? []]));
  };
  const shared = { configured: new Set([CONFIGURED.id]), clock, random: randomBytes };
  const invitations = createInvitations({ ...shared, registry, table: () => store.table, context: CONTEXT });
  const onboardingWith = (used: TenantRegistry = registry): Onboarding =>
    createOnboarding({
      ...shared,
      invitations,
      registry: used,
      hasData: async (tenant) => kept.has(tenant),
      readRoles,
      cloud: 'global',
      defaults: DEFAULTS,
    });
  const onboarding = onboardingWith();

  return {
    ...rig,
    invitations,
    onboarding,
    consents,
    asked,
    kept,
    onboardingWith,
    async invite(wish = {}) {
      const { invitation, link } = await invitations.create({ facts: FACTS, days: 7, ...wish }, by);
      return { id: invitation.id, link };
    },
    async opened(link) {
      const outcome = await onboarding.open(link, by.log);
      if (outcome.kind !== 'welcome') throw new Error(`The link leads to ${outcome.kind}.`);
      return { link, ...outcome.browser };
    },
    back: ({ cookie, state }, tenant, used = onboarding) =>
      used.finish({ cookie, state, tenant, error: undefined, errorDescription: undefined }, by.log),
    audited: async (tenant) =>
      (await registry.audit(tenant, { top: 50 })).entries.map(({ action }) => action).reverse(),
    stateOf: async (tenant) => (await registry.get(tenant))?.state,
    kinds: async (id) => ((await invitations.find(id))?.events ?? []).map(({ what }) => what),
  };
}
