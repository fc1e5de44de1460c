import type { Command } from 'commander';
import type { PreflightState } from '../../../shared/preflight/states.ts';
import { isGuid } from '../../../shared/text.ts';
import { apiUrlOf } from '../../api/api-url.ts';
import { createOutriderApi, type OutriderApi } from '../../api/outrider-api.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { addOutputOptions } from '../../output/output-options.ts';
import { type ActAs, asOption } from '../../sign-in/sign-in-as.ts';

/** What every command on tenants takes. */
export interface TenantOptions {
  readonly url?: string;
  readonly as?: ActAs;
  readonly output: 'table' | 'json';
}

/** A tenant as the API shows it. */
export interface ShownTenant {
  readonly tenantId: string;
  readonly name: string;
  readonly source: 'settings' | 'registry';
  readonly state: string;
  readonly cloud: string;
  readonly api: string;
  readonly huntingApi: string;
  readonly credential: Readonly<Record<string, string>>;
  readonly sync: Readonly<Record<string, number | boolean>>;
  readonly groups: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt?: string;
  readonly changedAt?: string;
  /** How it stood when somebody last looked. */
  readonly lastPreflight?: {
    readonly at: string;
    readonly ok: boolean;
    readonly states: Readonly<Record<string, PreflightState>>;
    readonly notes: readonly string[];
  };
  readonly removal?: {
    readonly done: boolean;
    readonly doneAt?: string;
    readonly notDoneBefore?: string;
    readonly rowsDeleted: number;
    readonly blobsDeleted: number;
  };
}

/** A command about one tenant: {@link tenantAt} finds it. */
export function addOneTenant(tenants: Command, name: string, description: string): Command {
  return tenants.command(name).description(description).argument('<tenant>', 'its directory id, or its name');
}

export function addTenantOptions(command: Command): Command {
  command.option('--url <address>', 'of the deployed app; default OUTRIDER_API_URL').addOption(asOption());
  return addOutputOptions(command, ['table', 'json']);
}

/** The API of the deployment that is meant. Signs in when it is first called. */
export async function apiOf({ url, as }: TenantOptions): Promise<OutriderApi> {
  const { signInAs } = await import('../../sign-in/sign-in-as.ts');
  const address = apiUrlOf(url);
  const signedIn = await signInAs(as);
  return createOutriderApi({ url: address, getToken: () => signedIn.getApiToken() });
}

/**
 * The id of the tenant that is meant by id or name.
 *
 * @throws CommandFailure for a name that none has, or several
 */
export async function tenantIdOf(api: OutriderApi, word: string): Promise<string> {
  if (isGuid(word)) return word.toLowerCase();
  const all = await api.items<ShownTenant>('/api/tenants?top=1000');
  const found = all.filter(({ name }) => name.toLowerCase() === word.toLowerCase());
  const [only, ...others] = found;
  if (only && others.length === 0) return only.tenantId;
  if (only) return fail(EXIT.usage, `${found.length} tenants are named ${word}. Use the id.`);
  return fail(EXIT.no, `There is no tenant ${word}. "outrider tenants list" shows those that there are.`);
}

export const pathOf = (tenantId: string): string => `/api/tenants/${tenantId}`;

/**
 * Where the API has the tenant that is meant by id or name.
 *
 * @throws CommandFailure for a name that none has, or several
 */
export async function tenantAt(
  word: string,
  options: TenantOptions,
): Promise<{ readonly api: OutriderApi; readonly path: string }> {
  const api = await apiOf(options);
  return { api, path: pathOf(await tenantIdOf(api, word)) };
}

/** Changes what is at a path as it is now: refused where somebody else is quicker. */
export async function changeAsItIs<T extends object>(
  api: OutriderApi,
  path: string,
  change: { readonly method: 'PATCH' | 'DELETE'; readonly body?: object },
): Promise<T> {
  const { etag } = await api.call<T>(path);
  const { body } = await api.call<T>(path, { ...change, ifMatch: etag });
  return body;
}
