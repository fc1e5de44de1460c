import { decodeJwt } from 'jose';
import { createDefender, type Defender } from '../../lab/defender/defender.ts';
import { createRandom, type Random } from '../../lab/defender/random.ts';
import { createEntra } from '../../lab/entra/entra.ts';
import { notes } from '../../lab/leak-watch/notes.ts';
import type { TokenJudge, Verdict } from '../../lab/service.ts';
import { createTokenSource } from '../../shared/auth/token-source.ts';
import { createGraphIncidents } from '../../shared/clients/graph-incidents.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { createXdrIncidents } from '../../shared/clients/xdr-incidents.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { mapLimit } from '../../shared/concurrency.ts';
import { runSync, type SyncDependencies } from '../../shared/incidents/run.ts';
import type { Log } from '../../shared/log.ts';
import { createConfiguredTenants } from '../../shared/tenants-from-config.ts';
import { createMemoryStore, type MemoryStore } from '../support/memory-store.ts';
import { createApiWire } from './api-wire.ts';
import { type Counts, createFindings, type Findings } from './findings.ts';
import { createForeignListings } from './foreign-listings.ts';
import { type Inspected, inspectStore } from './inspect.ts';
import { createLiveChanges } from './live-changes.ts';
import { createSignInWire } from './sign-in-wire.ts';
import { createSteadyClock, type SteadyClock } from './steady-clock.ts';
import { actingFor, type CrossingTenant, crossingDirectory, crossingTenants } from './tenants.ts';
import { watchStore } from './watched-store.ts';

export interface CrossingPlay {
  readonly tenants: number;
  readonly rounds: number;
  readonly seed: number;
}

export interface CrossingResult {
  readonly counts: Counts;
  /** Signs that tenants were mixed up; the play ends with the round of the first. */
  readonly crossings: readonly string[];
  /** What else went wrong: runs that failed or threw. */
  readonly troubles: readonly string[];
  /** What was stored after the last change, while much is still remembered as seen, and in the end. */
  readonly midLife: Inspected | undefined;
  readonly inspected: Inspected | undefined;
}

const RUNS_AT_ONCE = 64;
const ROUND_MS = 5 * 60_000;
/** So short that each tenant's token is refreshed or replaced many times. */
const TOKEN_SECONDS = 3_000;
/** Fewer than there are tenants, more than run at once. */
const MAX_TENANTS = 97;
/** Without changes or trouble, so that all that is left to do gets done. */
const QUIET_ROUNDS = 6;

/** Many tenants synced by the real code, from token to row, over stand-ins without sockets and in virtual time. */
export async function playCrossing({ tenants: count, rounds, seed }: CrossingPlay): Promise<CrossingResult> {
  const random = createRandom(seed);
  const clock = createSteadyClock({ random: random.fork('clock').next });
  const tenants = crossingTenants(count);
  const findings = createFindings();
  const troubles: string[] = [];
  const store = createMemoryStore({ now: clock.now });
  const { table, blobs } = watchStore(store, findings);
  const { defender, wire, sources } = createWorld({ tenants, clock, random, findings });
  const changes = createLiveChanges({ defender, random: random.fork('changes'), now: clock.now });
  const listForeign = createForeignListings({ table, random: random.fork('listings'), findings });
  const { counts } = findings;
  const dependencies: SyncDependencies = {
    tenants: createConfiguredTenants(tenants.map(({ tenant }) => tenant)),
    sourceFor: ({ api }) => sources[api],
    table,
    blobs,
    queue: store.queue,
    clock,
    log: troubleLog(troubles),
  };
  const listing = random.fork('whether to list');
  let running = 0;

  async function runOne(of: CrossingTenant): Promise<void> {
    counts.runs++;
    counts.runsAtOnce = Math.max(counts.runsAtOnce, ++running);
    try {
      await runSync(dependencies, { tenantId: of.tenant.id });
      if (listing.chance(0.4)) await listForeign(of);
    } catch (error) {
      troubles.push(`${of.mark}: ${error}`);
    } finally {
      running--;
    }
  }

  const inspect = (withBlobs: boolean): Inspected =>
    inspectStore(tenants, store, defender, findings, withBlobs);
  let midLife: Inspected | undefined;
  for (const of of tenants) changes.seed(of);
  for (let round = 0; round < rounds + QUIET_ROUNDS && findings.crossings.length === 0; round++) {
    if (round === rounds) {
      wire.calmDown();
      midLife = inspect(false);
    }
    if (round < rounds) for (const of of tenants) changes.stir(of);
    const order = random.shuffle(tenants);
    await clock.run(() => mapLimit(order, RUNS_AT_ONCE, (of) => actingFor.run(of, () => runOne(of))));
    clock.advance(ROUND_MS);
  }
  const { crossings } = findings;
  const inspected = crossings.length === 0 ? inspect(true) : undefined;
  noteStored(tenants, store, troubles);
  return { counts, crossings, troubles, midLife, inspected };
}

/** For the scan of the whole test run: what is stored, said and queued in the end may hold no secret. */
function noteStored(
  tenants: readonly CrossingTenant[],
  store: MemoryStore,
  troubles: readonly string[],
): void {
  const rows = tenants.flatMap(({ tenant }) => store.rows(tenant.id));
  notes().seen('rows of test/crossing', JSON.stringify(rows));
  for (const name of store.blobNames()) notes().seen('blob of test/crossing', store.blob(name) ?? '');
  notes().seen('messages and log of test/crossing', JSON.stringify([store.messages, troubles]));
}

interface WorldOptions {
  readonly tenants: readonly CrossingTenant[];
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
}

/** The lab's Entra ID and Defender behind our own token source, transport and clients. */
function createWorld({ tenants, clock, random, findings }: WorldOptions) {
  const directory = crossingDirectory(tenants);
  const entra = createEntra({ directory, clock, tokenLifetimeSeconds: TOKEN_SECONDS });
  const defender: Defender = createDefender({
    clock,
    judge: rememberingJudge(entra.judge, clock),
    seed: random.int(1, 1_000_000),
    settings: { links: 'token', graphCallsPerMinute: null, shuffleArrays: true },
  });
  const wire = createApiWire({ services: defender.services, clock, random: random.fork('wire'), findings });
  const { getToken } = createTokenSource({
    tenants: createConfiguredTenants(tenants.map(({ tenant }) => tenant)),
    cloud: CLOUDS.global,
    vault: {
      read: async (name) => ({ value: `value of ${name}`, version: '1', contentType: undefined }),
    },
    federationIdentity: NO_IDENTITY,
    managedIdentity: () => NO_IDENTITY,
    clock,
    fetch: createSignInWire({
      service: entra.service,
      clock,
      findings,
      tokenLifeMs: TOKEN_SECONDS * 1000,
      refusedAt: wire.refusedAt,
    }),
    maxTenants: MAX_TENANTS,
  });
  const transport = createTransport({
    getToken,
    clock,
    version: '0.0.0',
    pace: createPace({ clock }),
    httpClient: wire,
  });
  const parts = { transport, cloud: CLOUDS.global };
  return { defender, wire, sources: { graph: createGraphIncidents(parts), xdr: createXdrIncidents(parts) } };
}

/** Verifying a signature takes longer than all the rest of a call: what was found good is good while it lives. */
function rememberingJudge(judge: TokenJudge, clock: SteadyClock): TokenJudge {
  const known = new Map<string, { readonly verdict: Verdict; readonly until: number }>();
  return {
    async verify(authorization, audiences) {
      const key = `${authorization} ${audiences}`;
      const found = known.get(key);
      if (found && clock.now() < found.until) return found.verdict;
      const verdict = await judge.verify(authorization, audiences);
      if (!verdict.ok) return verdict;
      const { exp = 0 } = decodeJwt(authorization?.slice('Bearer '.length) ?? '');
      known.set(key, { verdict, until: exp * 1000 });
      return verdict;
    },
  };
}

const NO_IDENTITY = {
  name: 'no identity',
  issue: () => Promise.reject(new Error('no identity here')),
  getToken: () => Promise.reject(new Error('no identity here')),
};

function troubleLog(troubles: string[]): Log {
  const note: Log['warn'] = (event, fields) => void troubles.push(`${event} ${JSON.stringify(fields)}`);
  return { info: () => {}, warn: note, error: note };
}
