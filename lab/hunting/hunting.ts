import { LRUCache } from 'lru-cache';
import { ApiFault } from '../defender/api-fault.ts';
import type { World } from '../defender/generator/world.ts';
import type { LabClock } from '../service.ts';
import { type Binder, sharedBinder } from './binder.ts';
import type { BoundQuery } from './binding.ts';
import { type CollectedRows, collectRows, tooLarge } from './collect.ts';
import { createHuntControl, type HuntControl } from './control.ts';
import { createHuntLimits, type HuntLimits } from './limits.ts';
import { createPlays, type HuntFailure, type HuntRule, type Plays } from './plays.ts';
import { createScene, type Scene } from './rows/scene.ts';
import { createStoredRows, type StoredRows } from './rows/stored.ts';
import type { Wire } from './rows/write.ts';
import type { HuntSettings } from './settings.ts';
import { type Span, spanOf } from './span.ts';

/** A query that somebody with the permission sends. */
export interface HuntRequest {
  readonly tenant: string;
  readonly query: string;
  readonly timespan?: string | undefined;
  readonly wire: Wire;
}

/** What came of it. */
export interface HuntOutcome {
  readonly binding: BoundQuery;
  readonly found: CollectedRows;
  /** The answer must say, by `huntCutSays`, that it is not whole. */
  readonly incomplete: boolean;
  /** Virtual run time and CPU time in milliseconds. */
  readonly runMs: number;
  readonly cpuMs: number;
}

/** Advanced hunting of all tenants, as both endpoints use it. */
export interface Hunting {
  /** Counts a call of a tenant, good or bad. @throws ApiFault 429 */
  countCall(tenant: string): void;
  /** @throws ApiFault with what Defender would answer */
  run(request: HuntRequest): Promise<HuntOutcome>;
  /** For tests and the lab's control interface. */
  readonly control: HuntControl;
}

export interface HuntingOptions {
  readonly clock: LabClock;
  readonly settings: HuntSettings;
  readonly seed: number;
  /** The people and machines of a tenant. */
  readonly worldOf: (tenant: string) => World;
  /** Default: the one of this process. */
  readonly binder?: Binder;
}

/** Answers of a bench are asked for again and again; this holds two of the largest. */
const KEPT_BYTES = 128 * 1024 * 1024;

interface Parts extends HuntingOptions {
  readonly liveFrom: number;
  readonly binder: Binder;
  readonly limits: HuntLimits;
  readonly plays: Plays;
  readonly stored: StoredRows;
  readonly sceneOf: (tenant: string) => Scene;
  readonly kept: LRUCache<string, CollectedRows>;
}

export function createHunting(options: HuntingOptions): Hunting {
  const { binder = sharedBinder(), worldOf, settings } = options;
  const scenes = new Map<string, Scene>();
  const parts: Parts = {
    ...options,
    liveFrom: options.clock.now(),
    binder,
    limits: createHuntLimits(options),
    plays: createPlays(),
    stored: createStoredRows(),
    kept: new LRUCache({ maxSize: KEPT_BYTES, sizeCalculation: ({ text }) => text.length + 1_000 }),
    sceneOf(tenant) {
      const scene = scenes.get(tenant) ?? createScene(worldOf(tenant));
      scenes.set(tenant, scene);
      return scene;
    },
  };
  const { limits, plays, stored, kept } = parts;
  return {
    countCall: limits.countCall,
    run: (request) => run(parts, request),
    control: createHuntControl({
      limits,
      plays,
      stored,
      forget: () => kept.clear(),
      bind: (query) => binder.bind(query, { strictTypes: settings.huntStrictTypes }),
    }),
  };
}

async function run(parts: Parts, { tenant, query, timespan, wire }: HuntRequest): Promise<HuntOutcome> {
  const { binder, settings, limits, plays, clock } = parts;
  const binding = await binder.bind(query, { strictTypes: settings.huntStrictTypes });
  if (!binding.ok) throw new ApiFault(400, 'BadRequest', binding.message);
  const now = clock.now();
  const span = spanOf(binding, timespan, { settings, now });
  const failure = plays.strike(binding.hash, tenant);
  if (failure && failure.kind !== 'incomplete') throw faultOf(failure, parts);
  limits.checkCpu(tenant);
  const rule = plays.ruleFor(binding.hash, tenant);
  const runMs = rule.runMs ?? settings.huntRunMs;
  const cpuMs = rule.cpuMs ?? settings.huntCpuMs;
  limits.useCpu(tenant, cpuMs);
  if (settings.huntRunLimitMs !== null && runMs > settings.huntRunLimitMs) throw timeoutFault(settings);
  const found = await find(parts, { binding, tenant, rule, span, wire, now, half: failure !== undefined });
  return { binding, found, incomplete: found.cut || failure !== undefined, runMs, cpuMs };
}

interface Search {
  readonly binding: BoundQuery;
  readonly tenant: string;
  readonly rule: HuntRule;
  readonly span: Span;
  readonly wire: Wire;
  readonly now: number;
  /** Whether only the first half is given. */
  readonly half: boolean;
}

async function find(parts: Parts, search: Search): Promise<CollectedRows> {
  const { binding, tenant, span, wire, now, half } = search;
  const { settings, seed, kept, liveFrom } = parts;
  const key = `${seed} ${tenant} ${binding.hash}`;
  const stored = parts.stored.find(binding.hash, tenant);
  // What is visible depends on the moment only where rows come late or were added.
  const moment = settings.huntLateShare > 0 || stored || binding.gathers ? now : '';
  const place = [key, wire, span.from, span.to, moment, JSON.stringify([settings, search.rule])].join(' ');
  const known = kept.get(place);
  if (known && !half) return known;
  const whole = { ...search, settings, stored, key, liveFrom, scene: parts.sceneOf(tenant) };
  const found = await collectRows(whole);
  kept.set(place, found);
  if (!half) return found;
  const rowBound = Math.floor(found.rows / 2);
  return collectRows({ ...whole, binding: { ...binding, gathers: false, rowBound } });
}

function faultOf({ kind, status = 500 }: HuntFailure, { limits, settings }: Parts): ApiFault {
  switch (kind) {
    case 'calls':
      return limits.callsFault(60);
    case 'cpu':
      return limits.cpuFault();
    case 'time':
      return timeoutFault(settings);
    case 'size':
      return tooLarge();
    default:
      return new ApiFault(status, 'InternalServerError', 'The lab was told to fail this hunt.');
  }
}

/** That there is an error is documented; this one was seen live (microsoftgraph/microsoft-graph-docs issue 19954). */
function timeoutFault({ huntTimeoutStatus: status }: HuntSettings): ApiFault {
  return status === 504
    ? new ApiFault(504, 'UnknownError', '')
    : new ApiFault(status, status === 400 ? 'BadRequest' : 'Timeout', 'Query execution has timed out.');
}
