import packageJson from '../../package.json' with { type: 'json' };
import { createGraphHunting } from '../../shared/clients/graph-hunting.ts';
import { createGraphIncidents } from '../../shared/clients/graph-incidents.ts';
import { createPace } from '../../shared/clients/pace.ts';
import { createTransport } from '../../shared/clients/transport.ts';
import { createXdrHunting } from '../../shared/clients/xdr-hunting.ts';
import { createXdrIncidents } from '../../shared/clients/xdr-incidents.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import type { HuntSource } from '../../shared/hunting/ports.ts';
import type { IncidentSource } from '../../shared/incidents/ports.ts';
import type { ApiFamily } from '../../shared/tenant.ts';
import type { SignedInAs } from './sign-in-as.ts';

/** The APIs, asked with the tokens of the signed-in person. */
export interface PersonSources {
  incidents(api: ApiFamily): IncidentSource;
  hunting(api: ApiFamily): HuntSource;
}

export function createPersonSources({
  getToken,
  cloud,
}: Pick<SignedInAs, 'getToken' | 'cloud'>): PersonSources {
  const transport = createTransport({
    getToken,
    clock,
    version: packageJson.version,
    pace: createPace({ clock }),
  });
  const parts = { transport, cloud, clock };
  return {
    incidents: (api) => (api === 'graph' ? createGraphIncidents(parts) : createXdrIncidents(parts)),
    hunting: (api) => (api === 'graph' ? createGraphHunting(parts) : createXdrHunting(parts)),
  };
}
