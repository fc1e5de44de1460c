import type { TokenVersion } from './directory.ts';
import type { RequestCounts } from './request-counts.ts';

/** Which of the sign-in host's endpoints a path names. */
export type Route =
  | { readonly kind: 'instance' }
  | {
      readonly kind: keyof RequestCounts;
      /** First segment of the path, as sent. */
      readonly tenant: string;
      readonly version: TokenVersion;
    };

const ENDPOINTS: readonly (readonly [path: string, kind: keyof RequestCounts, version: TokenVersion])[] = [
  ['/v2.0/.well-known/openid-configuration', 'discovery', 2],
  ['/.well-known/openid-configuration', 'discovery', 1],
  ['/discovery/v2.0/keys', 'keys', 2],
  ['/discovery/keys', 'keys', 1],
  ['/oauth2/v2.0/token', 'token', 2],
];

export function routeOf(pathname: string): Route | undefined {
  if (pathname.toLowerCase() === '/common/discovery/instance') return { kind: 'instance' };
  const [, tenant = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
  const found = ENDPOINTS.find(([path]) => path === rest.toLowerCase());
  return found === undefined ? undefined : { kind: found[1], tenant, version: found[2] };
}
