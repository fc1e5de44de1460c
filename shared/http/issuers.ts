import type { Cloud } from '../clouds.ts';
import type { ApiConfig } from '../config.ts';
import type { TenantDirectory } from '../tenant.ts';
import { isGuid } from '../text.ts';

/** Issuer of tokens of version 1.0 in every cloud that Outrider serves. */
const V1 = 'https://sts.windows.net';

/**
 * The names under which a directory issues tokens: version 2.0 and version 1.0.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
 */
export function issuersOf({ signIn }: Pick<Cloud, 'signIn'>, directory: string): readonly string[] {
  return [`${signIn}/${directory}/v2.0`, `${V1}/${directory}/`];
}

/** The directory that a token says it was issued by, if it may call: nothing is asked of any other. */
export type IssuerOf = (claimed: unknown) => Promise<string | undefined>;

/**
 * Tells from an issuer, which nobody has verified yet, whether keys of a directory are to be looked at: the
 * deployment's own, and with multi-tenant callers those of registered, active tenants. Tenants are known from
 * memory, which is renewed every few seconds at most: however many issuers somebody makes up, hardly a read comes of it,
 * and never a request.
 */
export function createIssuerOf({
  api,
  cloud,
  tenants,
}: {
  readonly api: Pick<ApiConfig, 'tenantId' | 'callers'>;
  readonly cloud: Pick<Cloud, 'name' | 'signIn'>;
  readonly tenants: Pick<TenantDirectory, 'get'>;
}): IssuerOf {
  return async (claimed) => {
    const directory = directoryOf(claimed, cloud);
    if (directory === undefined || directory === api.tenantId) return directory;
    if (api.callers === 'single-tenant') return undefined;
    const tenant = await tenants.get(directory);
    return tenant?.enabled === true && tenant.cloud === cloud.name ? directory : undefined;
  };
}

/** The id in an issuer that has exactly one of the two forms; ids in issuers are in lower case. */
function directoryOf(claimed: unknown, cloud: Pick<Cloud, 'signIn'>): string | undefined {
  if (typeof claimed !== 'string') return undefined;
  const id = /[0-9a-f-]{36}/.exec(claimed)?.[0] ?? '';
  return isGuid(id) && issuersOf(cloud, id).includes(claimed) ? id : undefined;
}
