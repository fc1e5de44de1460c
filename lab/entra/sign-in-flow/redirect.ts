import type { LabAnswer } from '../../service.ts';
import { NOT_STORED } from '../aadsts.ts';
import { formPostPage } from '../pages/plain-pages.ts';

export type ResponseMode = 'query' | 'fragment' | 'form_post';

/** Where the browser goes back to, and how it takes the answer there. */
export interface ReturnAddress {
  readonly redirectUri: string;
  readonly mode: ResponseMode;
  readonly state: string | undefined;
}

/** The application's answer, by the browser: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#successful-response */
export function sendBack(
  { redirectUri, mode, state }: ReturnAddress,
  answer: Readonly<Record<string, string>>,
): LabAnswer {
  const fields = new URLSearchParams(answer);
  if (state !== undefined) fields.set('state', state);
  if (mode === 'form_post') return formPostPage(redirectUri, fields);
  const target = new URL(redirectUri);
  if (mode === 'fragment') target.hash = fields.toString();
  else for (const [name, value] of fields) target.searchParams.append(name, value);
  return { status: 302, headers: { ...NOT_STORED, location: target.href } };
}

/**
 * Whether an app may be answered at an address. A public client on this machine does not know its port beforehand:
 * https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
 */
export function isRegistered(registered: readonly string[], redirectUri: string): boolean {
  const wanted = URL.parse(redirectUri);
  if (wanted === null || wanted.hash !== '') return false;
  return registered.some((uri) => {
    const known = URL.parse(uri);
    if (known === null) return false;
    if (isLoopback(known)) known.port = wanted.port;
    return known.href === wanted.href;
  });
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1');
}
