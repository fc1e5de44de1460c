import type { Call } from '../../shared/clients/call.ts';
import { DATE, TENANT } from './harness.ts';

/** Any call that may be tried again. */
export const CALL: Call = {
  tenant: TENANT,
  resource: 'graph',
  origin: 'https://graph.microsoft.com',
  family: 'graph.security',
  method: 'GET',
  url: 'https://graph.microsoft.com/v1.0/security/incidents?$filter=assignedTo%20eq%20%27ann%40contoso.com%27',
  permission: 'SecurityIncident.Read.All',
  purpose: 'read incidents',
};

export const OK = { body: '{}', headers: DATE };
