import type { Clock } from '../clock.ts';
import type { Cloud } from '../clouds.ts';
import type { HuntSource } from '../hunting/ports.ts';
import { huntThrough } from './hunting-source.ts';
import type { Transport } from './transport.ts';

/**
 * Hunting by Microsoft Graph v1.0 (https://learn.microsoft.com/graph/api/security-security-runhuntingquery).
 * Needs the application permission ThreatHunting.Read.All.
 */
export function createGraphHunting(options: {
  readonly transport: Transport;
  readonly cloud: Cloud;
  readonly clock: Clock;
}): HuntSource {
  const { origin } = options.cloud.resources.graph;
  const endpoint = {
    resource: 'graph',
    origin,
    url: `${origin}/v1.0/security/runHuntingQuery`,
    permission: 'ThreatHunting.Read.All',
  } as const;
  return {
    takesTimespan: true,
    run: huntThrough(options, endpoint, ({ text, timespan }) => ({
      Query: text,
      ...(timespan === undefined ? {} : { Timespan: timespan }),
    })),
  };
}
