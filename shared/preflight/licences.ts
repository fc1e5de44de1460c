import type { Capability } from '../permissions.ts';

/** What a tenant must have bought: https://learn.microsoft.com/defender-xdr/prerequisites#licensing-requirements */
export const LICENCES: Readonly<Record<Capability, string>> = {
  incidents:
    'a licence that includes Microsoft Defender XDR (Microsoft 365 E5, or a Defender product on its own)',
  alerts:
    'a licence that includes Microsoft Defender XDR (Microsoft 365 E5, or a Defender product on its own)',
  hunting:
    'a licence that includes advanced hunting in Microsoft Defender XDR (Microsoft 365 E5, or Defender for Endpoint Plan 2)',
  deviceActions: 'a licence for Microsoft Defender for Endpoint (Plan 2 for all actions)',
  identityActions: 'a licence for Microsoft Defender for Identity',
};
