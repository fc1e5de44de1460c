import { SIGN_IN_HOSTS } from '../entra/clouds.ts';
import { doorAddress } from '../entra/door.ts';
import type { HttpData, TypedData } from './worker-contract.ts';

/** Of a link in a page, as it stands there: all that is replaced is scheme and host. */
const LINK = /(\shref\s*=\s*["'])https:\/\/([\w.-]+)(?=[/"'])/gi;

/**
 * An answer for a browser that does not run in the lab: links of a page, and a redirect, that lead to a sign-in page lead
 * to the lab's door instead. Nothing else of it is touched, and answers that are no page not at all.
 *
 * @param door address of the door, see lab/entra/door.ts
 */
export function throughDoor(answer: HttpData, door: string): HttpData {
  const isRedirect = /^3\d\d$/.test(answer.statusCode ?? '');
  const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => {
    const leads = isRedirect && name.toLowerCase() === 'location';
    return [name, leads ? (doorAddress(door, { hosts: SIGN_IN_HOSTS }, value) ?? value) : value];
  });
  return {
    ...answer,
    ...(answer.headers ? { headers: Object.fromEntries(headers) } : {}),
    ...(answer.body && isPage(answer) ? { body: withLinks(answer.body, door) } : {}),
  };
}

function isPage({ headers }: HttpData): boolean {
  const type = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return /^text\/html\s*(?:;|$)/i.test(type ?? '');
}

function withLinks(body: TypedData, door: string): TypedData {
  if (typeof body.string === 'string') return { ...body, string: linksIn(body.string, door) };
  if (!body.bytes) return body;
  // One character for each byte, so that whatever encoding the page has comes out as it went in.
  return { ...body, bytes: Buffer.from(linksIn(Buffer.from(body.bytes).toString('latin1'), door), 'latin1') };
}

function linksIn(page: string, door: string): string {
  return page.replaceAll(LINK, (link: string, start: string, host: string) =>
    SIGN_IN_HOSTS.includes(host.toLowerCase()) ? `${start}${door}/${host.toLowerCase()}` : link,
  );
}
