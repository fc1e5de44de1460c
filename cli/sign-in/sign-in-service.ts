import { ProtocolMode } from '@azure/msal-node';
import type { Cloud } from '../../shared/clouds.ts';

/** Where people sign in. */
export interface SignInService {
  /** The only origin that anything is sent to; https. */
  readonly origin: string;
  /** Address of a tenant there: a directory id, a domain name, or `organizations`. */
  authority(tenant: string): string;
  /** Default Entra ID's own; `OIDC` for any other issuer. */
  readonly protocol?: ProtocolMode;
  /** What the person is asked in any case: by Entra ID which account it is to be; elsewhere leave to stay signed in. */
  readonly prompt: 'select_account' | 'consent';
}

export function entraOf({ signIn }: Pick<Cloud, 'signIn'>): SignInService {
  return {
    origin: signIn,
    authority: (tenant) => `${signIn}/${encodeURIComponent(tenant)}`,
    protocol: ProtocolMode.AAD,
    prompt: 'select_account',
  };
}
