import type { TokenVersion } from './directory.ts';

/** Endpoints below a tenant's name. */
export type TenantEndpoint =
  | 'discovery'
  | 'keys'
  | 'token'
  | 'authorize'
  | 'login'
  | 'logout'
  | 'devicecode'
  | 'adminconsent';

/** Which of the sign-in host's endpoints a path names. */
export type Route =
  | { readonly kind: 'instance' | 'device' }
  | {
      readonly kind: TenantEndpoint;
      /** First segment of the path, as sent. */
      readonly tenant: string;
      readonly version: TokenVersion;
    };

export type TenantRoute = Extract<Route, { kind: TenantEndpoint }>;

/** Endpoints that a person's browser visits: what goes wrong is told by a page. */
export function isPage({ kind }: Route): boolean {
  return ['authorize', 'login', 'logout', 'adminconsent', 'device'].includes(kind);
}

const ENDPOINTS: readonly (readonly [path: string, kind: TenantEndpoint, version: TokenVersion])[] = [
  ['/v2.0/.well-known/openid-configuration', 'discovery', 2],
  ['/.well-known/openid-configuration', 'discovery', 1],
  ['/discovery/v2.0/keys', 'keys', 2],
  ['/discovery/keys', 'keys', 1],
  ['/oauth2/v2.0/token', 'token', 2],
  ['/oauth2/v2.0/authorize', 'authorize', 2],
  ['/oauth2/v2.0/devicecode', 'devicecode', 2],
  ['/oauth2/v2.0/logout', 'logout', 2],
  ['/v2.0/adminconsent', 'adminconsent', 2],
  ['/adminconsent', 'adminconsent', 1],
  // The lab's own: where its pages send their forms.
  ['/login', 'login', 2],
];

export function routeOf(pathname: string): Route | undefined {
  const path = pathname.toLowerCase();
  if (path === '/common/discovery/instance') return { kind: 'instance' };
  if (path === '/devicelogin' || path === '/common/oauth2/deviceauth') return { kind: 'device' };
  const [, tenant = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
  const found = ENDPOINTS.find(([endpoint]) => endpoint === rest.toLowerCase());
  return found === undefined ? undefined : { kind: found[1], tenant, version: found[2] };
}

/** Names that stand for no tenant, but for whichever the user belongs to. */
export function isAnyTenant(tenant: string): boolean {
  return ['organizations', 'common'].includes(tenant.toLowerCase());
}
