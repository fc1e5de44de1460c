import type { HuntControl } from '../hunting/control.ts';
import { createHunting } from '../hunting/hunting.ts';
import type { LabClock, LabService, TokenJudge } from '../service.ts';
import { createGenerator, type Generator } from './generator/generator.ts';
import { createGraphService } from './graph-service.ts';
import { createRandom } from './random.ts';
import { type DefenderSettings, defaultSettings } from './settings.ts';
import { createTenant, type TenantOperations } from './tenant.ts';
import { createXdrService } from './xdr-service.ts';

/** A tenant's live incidents: what can happen to them, and a believable stream of it. */
export interface LiveTenant extends TenantOperations {
  readonly generator: Generator;
}

/** The Defender half of the offline cloud. */
export interface Defender {
  /** `graph` and `xdr`. */
  readonly services: readonly LabService[];
  /** May be changed at any time. */
  readonly settings: DefenderSettings;
  /** Made on first use. */
  tenant(id: string): LiveTenant;
  /** What hunts are told: given rows, rules for queries, failures, used CPU. */
  readonly hunting: HuntControl;
}

/**
 * @param options.seed the same seed, clock and calls give the same incidents; default 1
 * @param options.settings what to change of `defaultSettings()`
 */
export function createDefender(options: {
  readonly clock: LabClock;
  readonly judge: TokenJudge;
  readonly settings?: Partial<DefenderSettings>;
  readonly seed?: number;
}): Defender {
  const { clock, judge, seed = 1 } = options;
  const settings: DefenderSettings = { ...defaultSettings(), ...options.settings };
  const random = createRandom(seed);
  const tenants = new Map<string, LiveTenant>();

  function tenant(id: string): LiveTenant {
    const known = tenants.get(id);
    if (known) return known;
    const operations = createTenant({ id, clock, settings, random: random.fork(`tenant ${id}`) });
    const generator = createGenerator({ tenant: operations, clock, random: random.fork(`generator ${id}`) });
    const made: LiveTenant = { ...operations, generator };
    tenants.set(id, made);
    return made;
  }

  const worldOf = (id: string) => tenant(id).generator.world();
  const hunting = createHunting({ clock, settings, seed, worldOf });

  return {
    services: [
      createGraphService({ clock, judge, settings, tenant, hunting, random: random.fork('graph') }),
      createXdrService({ clock, judge, settings, tenant, hunting, random: random.fork('xdr') }),
    ],
    settings,
    tenant,
    hunting: hunting.control,
  };
}
