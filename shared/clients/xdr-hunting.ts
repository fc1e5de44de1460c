import type { Clock } from '../clock.ts';
import type { Cloud } from '../clouds.ts';
import { OutriderError } from '../errors.ts';
import type { HuntSource } from '../hunting/ports.ts';
import { huntThrough } from './hunting-source.ts';
import type { Transport } from './transport.ts';

/** https://learn.microsoft.com/graph/api/resources/security-api-overview: data until then. */
const RETIRES_ON = '2027-02-01';

/**
 * Hunting by the Defender XDR API (https://learn.microsoft.com/defender-xdr/api-advanced-hunting), which stops
 * answering on 1 February 2027. Needs the application permission AdvancedHunting.Read.All. It takes no timespan.
 */
export function createXdrHunting(options: {
  readonly transport: Transport;
  readonly cloud: Cloud;
  readonly clock: Clock;
}): HuntSource {
  const { origin } = options.cloud.resources.xdr;
  const endpoint = {
    resource: 'xdr',
    origin,
    url: `${origin}/api/advancedhunting/run`,
    permission: 'AdvancedHunting.Read.All',
  } as const;
  const run = huntThrough(options, endpoint, ({ text }) => ({ Query: text }));
  return {
    takesTimespan: false,
    retiresOn: RETIRES_ON,
    async run(query) {
      if (options.clock.now() >= Date.parse(RETIRES_ON)) throw retired(query.tenant);
      return run(query);
    },
  };
}

function retired(tenant: string): OutriderError {
  return new OutriderError(
    'hunt.endpoint_retired',
    `The hunting endpoint of the Defender XDR API ended on ${RETIRES_ON}. Let tenant ${tenant} hunt through Microsoft Graph: set its "huntingApi" to "graph", and grant the app ThreatHunting.Read.All there.`,
    { tenant },
  );
}
