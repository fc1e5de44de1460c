import { type ICachePlugin, PublicClientApplication } from '@azure/msal-node';
import type { SignInNetwork } from '../../shared/auth/sign-in-network.ts';
import type { SignInService } from './sign-in-service.ts';

export interface PersonClientOptions {
  readonly service: SignInService;
  readonly clientId: string;
  readonly tenant: string;
  readonly network: SignInNetwork;
  /** Where msal's cache is kept; in memory when missing. */
  readonly cachePlugin?: ICachePlugin;
}

/** msal for people: a public client, without a secret. */
export function createPersonClient(options: PersonClientOptions): PublicClientApplication {
  const { service, clientId, tenant, network, cachePlugin } = options;
  return new PublicClientApplication({
    auth: {
      clientId,
      authority: service.authority(tenant),
      // Spares the question to Microsoft's instance discovery whether this host may be trusted.
      knownAuthorities: [new URL(service.origin).host],
    },
    ...(cachePlugin ? { cache: { cachePlugin } } : {}),
    system: {
      networkClient: network.client,
      ...(service.protocol === undefined ? {} : { protocolMode: service.protocol }),
    },
  });
}
