import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { type ErrorCode, OutriderError, toOutriderError } from './errors.ts';

/** One thing that Outrider depends on, looked at. */
export interface HealthCheck {
  readonly name: 'storage' | 'tenants' | 'vault' | 'signIn';
  readonly ok: boolean;
  readonly code?: string;
  readonly text?: string;
  readonly ms: number;
}

/** The health of this deployment. All but the status is for callers with a role only. */
export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly faults: Config['faults'];
  readonly checks: readonly HealthCheck[];
  /** What will be a fault if nobody acts; the status stays as it is. */
  readonly warnings: readonly string[];
  /** When the timer last noted, every five minutes, that it ticks, ISO 8601; missing before its first tick and while that cannot be read. */
  readonly heartbeat?: string;
}

/** A harmless look at a dependency: resolves when it answers, throws a coded error otherwise. */
export type Probe = (signal: AbortSignal) => Promise<void>;

const FRESH_MS = 30_000;
const PROBE_MS = 10_000;

/**
 * Looks at configuration, storage, vault and sign-in, at most every 30 s: whoever asks more often gets the last
 * answer, so that nobody can drive load through the one route that answers without a token.
 */
export function createHealth(options: {
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly probes: Readonly<Partial<Record<HealthCheck['name'], Probe>>>;
  /** Faults that settings have in the light of what is stored; left out while that cannot be read. */
  readonly moreFaults?: () => Promise<Config['faults']>;
  /** Left out while they cannot be read. */
  readonly warnings?: () => Promise<readonly string[]>;
  /** Milliseconds since 1970 UTC. Left out while it cannot be read. */
  readonly heartbeat?: () => Promise<number | undefined>;
}): () => Promise<Health> {
  let last: { readonly atMs: number; readonly health: Promise<Health> } | undefined;
  return () => {
    const now = options.clock.now();
    if (!last || now - last.atMs >= FRESH_MS) last = { atMs: now, health: look(options) };
    return last.health;
  };
}

async function look(options: Parameters<typeof createHealth>[0]): Promise<Health> {
  const { config, version, clock, probes } = options;
  const names = Object.keys(probes) as HealthCheck['name'][];
  const [checks, more, warnings, beat] = await Promise.all([
    Promise.all(names.map((name) => checkOf(name, probes[name], clock))),
    options.moreFaults?.().catch(() => undefined),
    options.warnings?.().catch(() => undefined),
    options.heartbeat?.().catch(() => undefined),
  ]);
  const faults = [...config.faults, ...(more ?? [])];
  const healthy = faults.length === 0 && checks.every(({ ok }) => ok);
  return {
    status: healthy ? 'ok' : 'degraded',
    version,
    faults,
    checks,
    warnings: warnings ?? [],
    ...(beat === undefined ? {} : { heartbeat: new Date(beat).toISOString() }),
  };
}

async function checkOf(
  name: HealthCheck['name'],
  probe: Probe | undefined,
  clock: Clock,
): Promise<HealthCheck> {
  const began = clock.now();
  try {
    if (probe) await inTime(name, probe, clock);
    return { name, ok: true, ms: clock.now() - began };
  } catch (error) {
    const { code, message } = toOutriderError(error);
    return { name, ok: false, code, text: message, ms: clock.now() - began };
  }
}

const AWAY: Readonly<Record<HealthCheck['name'], ErrorCode>> = {
  storage: 'storage.unavailable',
  tenants: 'storage.unavailable',
  vault: 'vault.unavailable',
  signIn: 'auth.unavailable',
};

/** Whether the probe heeds its signal or not: whoever asks for health must be answered while a dependency hangs. */
async function inTime(name: HealthCheck['name'], probe: Probe, clock: Clock): Promise<void> {
  const late = new AbortController();
  const done = new AbortController();
  const time = clock.sleep(PROBE_MS, done.signal).then(() => late.abort());
  try {
    await Promise.race([time, (async () => probe(late.signal))()]);
  } catch (error) {
    if (!late.signal.aborted) throw error;
  } finally {
    done.abort();
  }
  if (!late.signal.aborted) return;
  throw new OutriderError(
    AWAY[name],
    `There was no answer within ${PROBE_MS / 1_000} seconds. Check the network's way there.`,
  );
}
