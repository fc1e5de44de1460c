import type { Cloud } from '../clouds.ts';
import { isRecord } from './exchange.ts';

const TIMEOUT_MS = 5_000;

/**
 * Where a directory says that it is: its public description names the sign-in host and the part of the government cloud.
 * Seen in every tenant's description, and documented only for the host
 * (https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud).
 */
const PARTS: Readonly<Record<string, string>> = { GCC: 'gcc', DODCON: 'gcchigh', DOD: 'dod' };

/**
 * In which cloud a tenant is, where that is another one than `cloud`; undefined where it is this one, or its
 * description cannot be read or does not say.
 */
export async function otherCloudOf(
  cloud: Pick<Cloud, 'name' | 'signIn'>,
  tenantId: string,
  { fetch, signal }: { readonly fetch: typeof globalThis.fetch; readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(`${cloud.signIn}/${tenantId}/v2.0/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: signal ? AbortSignal.any([signal, late]) : late,
  });
  const said: unknown = response.ok ? await response.json() : undefined;
  if (!response.ok) await response.body?.cancel();
  const found = isRecord(said) ? cloudOf(said) : undefined;
  return found === cloud.name ? undefined : found;
}

function cloudOf({ tenant_region_scope: region, tenant_region_sub_scope: part }: Record<string, unknown>) {
  if (typeof part === 'string') return PARTS[part];
  if (region === 'USGov' || region === 'USG') return 'gcchigh';
  return typeof region === 'string' ? 'global' : undefined;
}
