import type { TestLab } from './support.ts';

export const GRAPH = 'https://graph.microsoft.com/v1.0/security';
export const XDR = 'https://api.security.microsoft.com/api';

/** What these tests look at in Graph's and the XDR API's answers. */
export interface Body {
  readonly value: readonly Item[];
  readonly error: { readonly code: string; readonly message: string; readonly target?: string };
  readonly '@odata.count'?: number;
  readonly '@odata.nextLink'?: string;
}

export interface Item {
  readonly id: string;
  readonly incidentId: number | string;
  readonly status: string;
  readonly severity: string;
  readonly displayName: string;
  readonly createdDateTime: string;
  readonly lastUpdateDateTime: string;
  readonly redirectIncidentId: string | null;
  readonly serviceSource: string;
  readonly customTags: readonly string[];
  readonly alerts?: readonly Item[];
  readonly 'alerts@odata.nextLink'?: string;
}

export async function read(
  lab: TestLab,
  url: string,
  headers?: Record<string, string>,
): Promise<Body & Item> {
  const answer = await lab.get(url, headers);
  return JSON.parse(answer.text) as Body & Item;
}

export async function readIds(lab: TestLab, url: string): Promise<string[]> {
  return (await read(lab, url)).value.map((item) => item.id ?? String(item.incidentId));
}

/** All pages, following links. */
export async function readPages(lab: TestLab, url: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = url; next !== undefined; ) {
    const body: Body = await read(lab, next);
    pages.push(body.value.map(({ id }) => id));
    next = body['@odata.nextLink'];
  }
  return pages;
}
