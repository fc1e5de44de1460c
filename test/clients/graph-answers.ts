/** Where Graph lists incidents. */
export const list = 'https://graph.microsoft.com/v1.0/security/incidents';

/** An incident as Graph writes it, with more members. */
export function incidentText(id: string, more = ''): string {
  return `{"id":"${id}","status":"active","severity":"high","displayName":"Title ${id}","createdDateTime":"2026-11-20T10:00:00Z","lastUpdateDateTime":"2026-11-20T10:00:00.5Z"${more}}`;
}

/** A page of a list, and where the next one is. */
export const page = (items: readonly string[], link?: string): string =>
  `{"value":[${items.join(',')}]${link === undefined ? '' : `,"@odata.nextLink":${JSON.stringify(link)}`}}`;
