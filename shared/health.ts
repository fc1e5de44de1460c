import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { toOutriderError } from './errors.ts';

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
  /** When the timer last ticked, ISO 8601; missing before its first tick and while that cannot be read. */
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
  const { config, version, clock, probes, moreFaults } = options;
  const checks = await Promise.all(
    Object.entries(probes).map(async ([name, probe]): Promise<HealthCheck> => {
      const began = clock.now();
      const took = (): number => clock.now() - began;
      try {
        await probe(AbortSignal.timeout(PROBE_MS));
        return { name: name as HealthCheck['name'], ok: true, ms: took() };
      } catch (error) {
        const { code, message } = toOutriderError(error);
        return { name: name as HealthCheck['name'], ok: false, code, text: message, ms: took() };
      }
    }),
  );
  const more = (await moreFaults?.().catch(() => [])) ?? [];
  const warnings = (await options.warnings?.().catch(() => [])) ?? [];
  const beat = await options.heartbeat?.().catch(() => undefined);
  const faults = [...config.faults, ...more];
  const healthy = faults.length === 0 && checks.every(({ ok }) => ok);
  return {
    status: healthy ? 'ok' : 'degraded',
    version,
    faults,
    checks,
    warnings,
    ...(beat === undefined ? {} : { heartbeat: new Date(beat).toISOString() }),
  };
}
