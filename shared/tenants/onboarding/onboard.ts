import type { Clock } from '../../clock.ts';
import { isOutriderError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { CloudName, SyncSettings, Tenant } from '../../tenant.ts';
import { isGuid } from '../../text.ts';
import type { Actor, TenantRecord } from '../record.ts';
import type { TenantRegistry } from '../registry.ts';
import { newBrowserState, type Returned, readReturn } from './browser-state.ts';
import { type Confirmation, confirmConsent, type ReadRoles, WAITS_MS } from './confirm-consent.ts';
import { connectTenant } from './connect.ts';
import {
  type Invitation,
  type InvitationEvent,
  type InvitationState,
  MOST_EVENTS,
  stateOf,
  withEvent,
} from './invitation.ts';
import { audited, type Invitations } from './invitations.ts';
import { hashOf, newSecret, readLinkText, sameText } from './link-secret.ts';
import { neededRoles } from './needed-roles.ts';
import type { End, Outcome } from './outcome.ts';

/** What the consent page says happened. Nothing of it is believed. */
export interface ConsentClaim extends Returned {
  readonly tenant: string | undefined;
  /** Code of an error: the admin refused, or could not. */
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
}

export interface OnboardingOptions {
  readonly invitations: Invitations;
  readonly registry: TenantRegistry;
  /** Ids of the tenants that settings name. */
  readonly configured: ReadonlySet<string>;
  /** Is anything of this tenant stored, by a sync of any time? */
  readonly hasData: (tenant: string) => Promise<boolean>;
  readonly readRoles: ReadRoles;
  readonly cloud: CloudName;
  readonly defaults: SyncSettings;
  readonly clock: Clock;
  /** Cryptographically random bytes. */
  readonly random: (bytes: number) => Buffer;
}

/** What a browser without a token may do: open a link, and come back from the consent page. */
export interface Onboarding {
  /** Opens a link. It is not used up by that: whoever looks at links on the way to the admin may do so. */
  open(link: string, log: Log): Promise<Outcome>;
  /** Comes back from the consent page. */
  finish(claim: ConsentClaim, log: Log): Promise<End>;
}

const REFUSALS = ['access_denied', 'permission_denied'];
/** Nobody waits for a page longer than this. */
const MOST_MS = 60_000;

export function createOnboarding(options: OnboardingOptions): Onboarding {
  const { invitations, clock } = options;

  return {
    async open(link, log) {
      const read = readLinkText(link);
      const invitation = read && (await invitations.find(read.id));
      if (!read || !invitation || !sameText(hashOf(read.secret), invitation.secretHash)) {
        log.info('tenant.invitation_refused', { why: 'link' });
        return { kind: 'unknown_link' };
      }
      const nowMs = clock.now();
      const closed = await closedOutcome(options, invitation, log);
      if (closed) return closed;
      const browser = newBrowserState({ ...read, nonce: newSecret(options.random), nowMs });
      return { kind: 'welcome', invitation, browser, needed: neededRoles(invitation.facts) };
    },
    async finish(claim, log) {
      const returned = readReturn(claim, clock.now());
      const invitation = returned && (await invitations.find(returned.id));
      if (!returned || !invitation || !sameText(hashOf(returned.key), invitation.browserHash)) {
        log.info('tenant.invitation_refused', { why: 'state' });
        return { kind: 'not_this_browser' };
      }
      return judge(options, invitation, claim, log);
    },
  };
}

async function judge(
  options: OnboardingOptions,
  invitation: Invitation,
  claim: ConsentClaim,
  log: Log,
): Promise<End> {
  const tenantId = claim.tenant?.toLowerCase() ?? '';
  const { use } = invitation;
  // A page that is loaded again tells the same.
  if (use?.doneMs !== undefined && use.tenantId === tenantId) return { kind: 'connected', tenantId };
  const closed = await closedOutcome(options, invitation, log);
  if (closed) return closed;
  const note = (what: InvitationEvent['what'], more: Partial<InvitationEvent> = {}): Promise<void> =>
    noteEvent(options, invitation, { atMs: options.clock.now(), what, ...more }, log);

  if (claim.error !== undefined || !isGuid(tenantId)) {
    const aadsts = /AADSTS\d{4,9}/.exec(claim.errorDescription ?? '')?.[0];
    // The pages on consent name several codes for an admin who says no; the number is the same.
    const isRefused = aadsts === 'AADSTS65004' || REFUSALS.includes(claim.error ?? '');
    await note(isRefused ? 'consent_refused' : 'consent_failed', { detail: aadsts });
    return isRefused ? { kind: 'consent_refused' } : { kind: 'consent_failed', aadsts };
  }
  const expected = invitation.tenantId;
  if (expected !== undefined && expected !== tenantId) {
    await note('other_tenant', { tenantId });
    return { kind: 'other_tenant', expected };
  }
  if (use !== undefined && use.tenantId !== tenantId) {
    // Two who share a link are not told of one another.
    await note('other_tenant', { tenantId });
    return { kind: 'closed', state: 'used' };
  }
  const taken = await takenBy(options, invitation, tenantId);
  if (taken !== undefined) {
    await note('tenant_taken', { tenantId, detail: taken });
    if (invitation.tenantId !== undefined) {
      return { kind: 'tenant_taken', tenantId, isActive: taken === 'active' };
    }
    // Told and timed as a tenant that has not consented: whoever tries ids must not find out who the customers are.
    await options.clock.sleep(WAITS_MS.reduce<number>((sum, wait) => sum + wait, 0));
    return { kind: 'unconfirmed', tenantId, isNamed: false };
  }
  const candidate = candidateOf(options, invitation, tenantId);
  const needed = neededRoles(candidate);
  const signal = AbortSignal.timeout(MOST_MS);
  const { readRoles, clock } = options;
  const confirmation = await confirmConsent({ candidate, needed, readRoles, clock, signal });
  if (confirmation.kind !== 'confirmed') {
    await note('unconfirmed', { tenantId, detail: confirmation.code });
    return confirmation.kind === 'own_trouble'
      ? { kind: 'own_trouble', tenantId }
      : { kind: 'unconfirmed', tenantId, isNamed: invitation.tenantId !== undefined };
  }
  return settle(options, invitation, { tenantId, missing: confirmation.missing }, log);
}

/** The tenant has consented: the invitation is its own from here on, and no other tenant's. */
async function settle(
  options: OnboardingOptions,
  { id }: Invitation,
  {
    tenantId,
    missing,
  }: { readonly tenantId: string } & Pick<Confirmation & { kind: 'confirmed' }, 'missing'>,
  log: Log,
): Promise<End> {
  const { invitations, registry, clock } = options;
  const claimed = await invitations.update(id, (before) => {
    const isOpen = stateOf(before, clock.now()) === 'invited';
    if (!isOpen || before.use !== undefined) return undefined;
    return { ...before, use: { tenantId, atMs: clock.now() } };
  });
  const state = stateOf(claimed, clock.now());
  if (claimed.use?.tenantId !== tenantId) {
    return { kind: 'closed', state: state === 'invited' ? 'used' : state };
  }
  if (state === 'used') return { kind: 'connected', tenantId };
  if (state !== 'invited') return { kind: 'closed', state };
  const by = { actor: actorOf(id), log };
  try {
    await connectTenant(registry, claimed, { tenantId, isComplete: missing.length === 0, by });
  } catch (error) {
    if (!isOutriderError(error, 'tenant.state_refused', 'tenant.configured')) throw error;
    return { kind: 'tenant_taken', tenantId, isActive: false };
  }
  const atMs = clock.now();
  if (missing.length > 0) {
    const detail = missing.map(({ roles }) => roles[0]).join(' ');
    await noteEvent(options, claimed, { atMs, what: 'roles_missing', tenantId, detail }, log);
    return { kind: 'roles_missing', tenantId, missing, expiresMs: claimed.expiresMs };
  }
  let isNews = false;
  const done = await invitations.update(id, (before) => {
    isNews = before.use?.doneMs === undefined;
    if (!isNews) return undefined;
    return withEvent(
      { ...before, use: { tenantId, atMs: before.use?.atMs ?? atMs, doneMs: atMs } },
      { atMs, what: 'connected', tenantId },
    );
  });
  if (isNews) audited(log, done, by.actor);
  return { kind: 'connected', tenantId };
}

const actorOf = (id: string): Actor => ({ kind: 'invitation', objectId: id });

/** A link that cannot be used any more; who has it is told why, and it is noted. */
async function closedOutcome(
  options: OnboardingOptions,
  invitation: Invitation,
  log: Log,
): Promise<End | undefined> {
  const atMs = options.clock.now();
  const state = stateOf(invitation, atMs);
  if (state === 'invited') {
    return invitation.events.length < MOST_EVENTS ? undefined : { kind: 'worn_out' };
  }
  await noteEvent(options, invitation, { atMs, what: OPENED[state] }, log);
  return { kind: 'closed', state };
}

const OPENED: Readonly<Record<Exclude<InvitationState, 'invited'>, InvitationEvent['what']>> = {
  used: 'opened_used',
  expired: 'opened_expired',
  withdrawn: 'opened_withdrawn',
};

async function noteEvent(
  { invitations }: OnboardingOptions,
  { id }: Invitation,
  event: InvitationEvent,
  log: Log,
): Promise<void> {
  let isNews = false;
  const after = await invitations.update(id, (before) => {
    isNews = before.events.length < MOST_EVENTS;
    return isNews ? withEvent(before, event) : undefined;
  });
  if (isNews) audited(log, after, actorOf(id));
}

/** Why a tenant cannot be connected by this invitation; undefined when it can. */
async function takenBy(
  { registry, configured, hasData }: OnboardingOptions,
  invitation: Invitation,
  tenantId: string,
): Promise<TenantRecord['state'] | 'data_kept' | undefined> {
  if (configured.has(tenantId)) return 'active';
  const known = await registry.get(tenantId);
  // Named in settings once: its incidents are not for the group of whoever sent a link into the world.
  if (known === undefined) return (await hasData(tenantId)) ? 'data_kept' : undefined;
  const isWaiting = known.state === 'invited' || known.state === 'consented';
  const isOwn = invitation.use?.tenantId === tenantId;
  if (isWaiting && (isOwn || invitation.tenantId === tenantId)) return undefined;
  return isOwn && known.state === 'active' ? undefined : known.state;
}

/** The tenant as it will be registered: nothing is stored of it yet. */
function candidateOf(
  { cloud, defaults }: OnboardingOptions,
  { facts: { name, api, huntingApi, credential, groups } }: Invitation,
  id: string,
): Tenant {
  return { id, name: name ?? id, enabled: true, cloud, api, huntingApi, credential, groups, sync: defaults };
}
