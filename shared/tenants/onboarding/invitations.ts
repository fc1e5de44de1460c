import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { isOutriderError, OutriderError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { TableStore } from '../../storage.ts';
import { missingFor, type TenantContext } from '../../tenant-schema.ts';
import type { Actor } from '../record.ts';
import { refuseTooLong } from '../refusals.ts';
import type { By, Seen, TenantRegistry } from '../registry.ts';
import { browserKeyOf } from './browser-state.ts';
import { type Invitation, type InvitationFacts, stateOf, withEvent } from './invitation.ts';
import { readInvitation, readInvitations, writeInvitation } from './invitation-store.ts';
import { hashOf, linkTextOf, newSecret } from './link-secret.ts';

/** An invitation to be made. */
export interface InvitationWish {
  readonly tenantId?: string | undefined;
  readonly facts: InvitationFacts;
  readonly from?: string | undefined;
  readonly note?: string | undefined;
  readonly days: number;
}

export interface InvitationsOptions {
  readonly table: () => TableStore;
  readonly registry: TenantRegistry;
  /** Ids of the tenants that settings name. */
  readonly configured: ReadonlySet<string>;
  readonly context: TenantContext;
  readonly clock: Pick<Clock, 'now'>;
  /** Cryptographically random bytes. */
  readonly random: (bytes: number) => Buffer;
}

/** The invitations of a deployment. Each change is one conditional write, with its line of the audit. */
export interface Invitations {
  /**
   * Makes an invitation. A tenant that it names is registered as `invited`.
   *
   * @returns it, and what its link carries: here and never again
   * @throws OutriderError `tenant.configured`, `tenant.exists`, `tenant.state_refused`, `request.invalid`, `storage.*`
   */
  create(wish: InvitationWish, by: By): Promise<{ readonly invitation: Invitation; readonly link: string }>;
  list(): ReturnType<typeof readInvitations>;
  /** @throws OutriderError `storage.*` */
  find(id: string): Promise<Invitation | undefined>;
  /**
   * Makes its link useless. One that is withdrawn already stays as it is.
   *
   * @throws OutriderError `request.not_found`, `tenant.state_refused` for one that was used, `request.precondition_failed`
   */
  withdraw(id: string, seen: Seen, by: By): Promise<Invitation>;
  /**
   * One conditional write, made again when another one was faster.
   *
   * @param make the invitation as it is to be, without its new revision; undefined: nothing is to be written
   * @throws OutriderError `request.not_found`, `storage.*`, and what `make` throws
   */
  update(id: string, make: (before: Invitation) => Invitation | undefined): Promise<Invitation>;
}

const DAY_MS = 24 * 60 * 60_000;
const TRIES = 6;

export function createInvitations(options: InvitationsOptions): Invitations {
  const { table, registry, clock } = options;

  async function update(
    id: string,
    make: (before: Invitation) => Invitation | undefined,
  ): Promise<Invitation> {
    for (let attempt = 1; ; attempt += 1) {
      const found = await readInvitation(table(), id);
      if (!found) throw unknownInvitation(id);
      const made = make(found.invitation);
      if (made === undefined) return found.invitation;
      const next = { ...made, revision: found.invitation.revision + 1 };
      try {
        await writeInvitation(table(), next, found.etag);
        return next;
      } catch (error) {
        if (!isOutriderError(error, 'storage.conflict') || attempt === TRIES) throw error;
      }
    }
  }

  return {
    update,
    async create(wish, by) {
      refuseCredential(wish.facts, options.context);
      refuseTooLong('invitation', wish);
      if (wish.tenantId !== undefined) await registerInvited(registry, wish.tenantId, wish.facts, by);
      const id = randomUUID();
      const secret = newSecret(options.random);
      const { days, ...said } = wish;
      const nowMs = clock.now();
      const invitation: Invitation = {
        ...said,
        id,
        revision: 1,
        secretHash: hashOf(secret),
        browserHash: hashOf(browserKeyOf(secret)),
        createdMs: nowMs,
        createdBy: by.actor,
        expiresMs: nowMs + days * DAY_MS,
        events: [{ atMs: nowMs, what: 'created', by: by.actor }],
      };
      await writeInvitation(table(), invitation, undefined);
      audited(by.log, invitation, by.actor);
      return { invitation, link: linkTextOf({ id, secret }) };
    },
    list: () => readInvitations(table()),
    find: async (id) => (await readInvitation(table(), id))?.invitation,
    async withdraw(id, seenBy, by) {
      const seen = seenBy();
      const nowMs = clock.now();
      let isNews = false;
      const invitation = await update(id, (before) => {
        isNews = false;
        if (seen !== 'any' && !seen.includes(before.revision)) throw changedMeanwhile(id);
        if (stateOf(before, nowMs) === 'used') throw usedUp(id);
        if (before.withdrawnMs !== undefined) return undefined;
        isNews = true;
        const event = { atMs: nowMs, what: 'withdrawn', by: by.actor } as const;
        return withEvent({ ...before, withdrawnMs: nowMs }, event);
      });
      if (isNews) audited(by.log, invitation, by.actor);
      return invitation;
    },
  };
}

/** The last line of its audit, for the log: audit events are never sampled. */
export function audited(log: Log, { id, events, tenantId }: Invitation, actor?: Actor): void {
  const last = events.at(-1);
  log.info('tenant.invitation', {
    invitation: id,
    action: last?.what,
    tenant: last?.tenantId ?? tenantId,
    detail: last?.detail,
    by: actor?.objectId,
  });
}

/** A tenant that waits for its admin is invited again as often as it takes. */
async function registerInvited(
  registry: TenantRegistry,
  id: string,
  facts: InvitationFacts,
  by: By,
): Promise<void> {
  try {
    await registry.register({ id, ...facts, state: 'invited' }, by);
  } catch (error) {
    if (!isOutriderError(error, 'tenant.exists')) throw error;
    const known = await registry.get(id);
    if (known?.state !== 'invited' && known?.state !== 'consented') throw error;
  }
}

function refuseCredential({ credential }: InvitationFacts, context: TenantContext): void {
  const missing =
    credential.kind === 'managedIdentity'
      ? 'A managed identity itself reaches its own directory alone: use the kind federated, by an app that trusts it.'
      : missingFor(credential, context);
  if (missing) throw new OutriderError('request.invalid', missing.charAt(0).toUpperCase() + missing.slice(1));
}

export function unknownInvitation(id: string): OutriderError {
  return new OutriderError(
    'request.not_found',
    `There is no invitation ${id}, or the caller may not see it.`,
  );
}

function usedUp(id: string): OutriderError {
  return new OutriderError(
    'tenant.state_refused',
    `The invitation ${id} was used: a tenant is connected by it. Suspend or remove that tenant instead.`,
  );
}

function changedMeanwhile(id: string): OutriderError {
  return new OutriderError(
    'request.precondition_failed',
    `The invitation ${id} was changed since it was read: If-Match names an older version. Read it again, and repeat the change if it is still right.`,
  );
}
