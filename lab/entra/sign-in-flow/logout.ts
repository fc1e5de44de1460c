import type { LabAnswer } from '../../service.ts';
import { NOT_STORED } from '../aadsts.ts';
import type { Directory } from '../directory.ts';
import { messagePage } from '../pages/plain-pages.ts';
import { isRegistered } from './redirect.ts';

/**
 * `/{tenant}/oauth2/v2.0/logout`. The lab's pages keep nobody signed in, so that there is nothing to end but the
 * visit. https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
 */
export function logOut({ apps }: Directory, parameters: URLSearchParams): LabAnswer {
  const target = parameters.get('post_logout_redirect_uri') ?? '';
  const isKnown = apps.some(({ redirectUris = [] }) => isRegistered(redirectUris, target));
  if (!isKnown) return messagePage('You signed out of your account', 'You can close this window.');
  const back = new URL(target);
  const state = parameters.get('state');
  if (state !== null) back.searchParams.append('state', state);
  return { status: 302, headers: { ...NOT_STORED, location: back.href } };
}
