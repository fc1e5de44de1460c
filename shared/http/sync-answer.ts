import type { HttpResponseInit } from '@azure/functions';

/** Clients ask again after so many seconds. */
const RETRY_AFTER_SECONDS = 2;

/**
 * 202 in the form that Logic Apps follow by themselves: an absolute `Location`, `Retry-After`, and the same in the
 * body for workflows that do not poll. https://learn.microsoft.com/azure/logic-apps/logic-apps-create-api-app
 */
export function syncAccepted(requestUrl: string, tenantId: string, run: string): HttpResponseInit {
  const statusUrl = new URL(`/api/tenants/${tenantId}/sync?run=${run}`, requestUrl).href;
  return {
    status: 202,
    headers: { location: statusUrl, 'retry-after': String(RETRY_AFTER_SECONDS) },
    jsonBody: { tenantId, run, statusUrl },
  };
}
