import type { Random } from '../../lab/defender/random.ts';
import { isOutriderError } from '../../shared/errors.ts';
import type { IncidentChange } from '../../shared/incidents/change.ts';
import { updateIncident } from '../../shared/incidents/update.ts';
import type { Log } from '../../shared/log.ts';
import type { TenantDirectory, UserAssertion } from '../../shared/tenant.ts';
import { type Actor, actingFor, personIn } from './actor.ts';
import { API, API_CLIENT } from './directory.ts';
import type { Findings } from './findings.ts';
import type { createHunts } from './hunts.ts';
import type { SteadyClock } from './steady-clock.ts';
import { type CrossingTenant, foreignIn, incidentId } from './tenants.ts';
import { CONTEXT, type CrossingUser, type UserSignIn } from './users.ts';
import type { Sources, World } from './world.ts';

/** Ids up to this one exist in every tenant from the beginning. */
const INCIDENTS = 7;
const MINUTE = 60_000;

/** Persons call the Outrider API, which reads, changes and hunts in their names. */
export function createVisits({
  world,
  registry,
  clock,
  random,
  findings,
  hunt,
  requestRun,
  log,
}: {
  readonly world: World;
  readonly registry: TenantDirectory;
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
  readonly hunt: ReturnType<typeof createHunts>;
  readonly requestRun: (of: CrossingTenant) => Promise<unknown>;
  readonly log: Log;
}): (of: CrossingTenant, user: CrossingUser) => Promise<void> {
  const { counts } = findings;
  const signIns = new Map<CrossingUser, UserSignIn>();

  /** A new token for the Outrider API, as their client gets it. Some end before what they are exchanged for. */
  async function signIn(user: CrossingUser, contexts: readonly string[]): Promise<UserSignIn> {
    const lifetimeSeconds = 60 * random.int(25, 90);
    const expiresAt = clock.now() + lifetimeSeconds * 1000;
    const assertion = await clock.during(() =>
      world.entra.issue({
        tenantId: user.tenantId,
        appId: API_CLIENT,
        audience: API.clientId,
        scopes: [API.scope],
        objectId: user.id,
        contexts,
        lifetimeSeconds,
      }),
    );
    const made = { user, assertion, expiresAt, number: ++counts.personSignIns };
    signIns.set(user, made);
    return made;
  }

  async function signInAtHand(user: CrossingUser): Promise<UserSignIn> {
    const known = signIns.get(user);
    if (known && clock.now() + MINUTE < known.expiresAt) return known;
    // Half of them have not noticed yet that their token is over.
    if (known && clock.now() >= known.expiresAt && random.chance(0.5)) return known;
    return signIn(user, []);
  }

  /** Works, and signs in again when that is what the answer asks for. */
  async function work(of: CrossingTenant, current: UserSignIn, triesLeft: number): Promise<void> {
    const { user } = current;
    const actor = personIn(of, current);
    try {
      await actingFor.run(actor, () => workAs(actor, current));
    } catch (error) {
      if (triesLeft === 0) throw error;
      if (isOutriderError(error, 'user.assertion_expired')) {
        counts.cameTooLate++;
        return work(of, await signIn(user, []), triesLeft - 1);
      }
      if (!isOutriderError(error, 'user.claims_required')) throw error;
      counts.stepUps++;
      if (!user.mustStepUp || !error.facts.claims?.includes(CONTEXT))
        findings.crossing(`${actor.name} is to step up`);
      return work(of, await signIn(user, [CONTEXT]), triesLeft - 1);
    }
  }

  async function workAs(actor: Actor, { user, assertion, expiresAt }: UserSignIn): Promise<void> {
    const tenant = await registry.get(user.tenantId);
    if (!tenant) throw new Error(`Outrider does not know ${user.tenantId}`);
    const token: UserAssertion = {
      tenantId: user.tenantId,
      objectId: user.id,
      expiresAt,
      text: () => assertion,
    };
    const sources = world.asUser(tenant, token);
    // At once, so that they wait for the same exchange.
    const done = await Promise.allSettled([
      several(3, () => read(actor, sources)),
      several(2, () => hunt(actor, sources.hunting)),
      random.chance(0.5) ? update(actor, sources) : undefined,
    ]);
    const failed = done.find((part) => part.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** One after the other: from one to so many. */
  async function several(most: number, part: () => Promise<void>): Promise<void> {
    for (let left = random.int(1, most); left > 0; left--) await part();
  }

  const anyId = (of: CrossingTenant): string => incidentId(of, random.int(1, INCIDENTS));

  async function read({ of, name }: Actor, { incidents }: Sources): Promise<void> {
    const id = anyId(of);
    const { incident } = await incidents.incident({ tenant: of.tenant.id, id });
    counts.reads++;
    const text = incident?.text ?? '';
    if (incident?.id !== id || !text.includes(of.mark) || foreignIn(text, of).length > 0) {
      findings.crossing(`${name} reads ${id} and gets ${text.slice(0, 100)}`);
    }
  }

  async function update({ of, signIn: by, name }: Actor, { updater }: Sources): Promise<void> {
    if (!by) return;
    const { mark, userPrincipalName } = by.user;
    const change: IncidentChange = {
      fields: { assignedTo: userPrincipalName, customTags: [of.mark] },
      ...(random.chance(0.3) ? { comment: `${mark} says ${random.hex(4)}` } : {}),
    };
    const order = { tenant: of.tenant.id, id: anyId(of), change };
    const now = await updateIncident({ updater, requestRun: () => requestRun(of), log }, order);
    counts.updates++;
    const isTheirs = now?.id === order.id && now.assignedTo === userPrincipalName;
    if (!isTheirs || foreignIn(now.text, of).length > 0) {
      findings.crossing(`${name} has changed ${order.id} and gets that of ${now?.assignedTo}`);
    }
  }

  return async (of, user) => {
    counts.visits++;
    await work(of, await signInAtHand(user), 2);
  };
}
