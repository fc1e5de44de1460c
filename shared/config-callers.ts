import * as z from 'zod';
import type { SettingsReader } from './settings-reader.ts';
import type { Tenant } from './tenant.ts';
import { ALL_TENANTS, type TenantGroups } from './tenant-groups.ts';
import { closestTo, isGuid } from './text.ts';

const NAME = 'OUTRIDER_API_TENANT_GROUPS';
const FORM = `${NAME} must be a JSON object such as {"<object id or app role>": ["<group of tenants>"]}.`;
const MEANWHILE = 'Until that is mended, the callers concerned see no tenant.';

/** The name of a group of tenants: letters, digits, `.`, `_`, `-`; letter case does not matter. */
export const groupName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be the name of a group: 1 to 64 letters, digits, ".", "_", "-"',
  )
  .transform((name) => name.toLowerCase());

/** Own directory alone, or registered tenants' directories as well. Anything unclear is the own directory alone. */
export function readCallers(settings: SettingsReader): 'single-tenant' | 'multi-tenant' {
  const value = settings.get('OUTRIDER_API_CALLERS') ?? 'single-tenant';
  if (value === 'single-tenant' || value === 'multi-tenant') return value;
  settings.fault(
    'api',
    'OUTRIDER_API_CALLERS',
    'OUTRIDER_API_CALLERS must be single-tenant or multi-tenant. single-tenant is used meanwhile.',
  );
  return 'single-tenant';
}

/**
 * Who sees which groups of tenants. Where the setting is there at all, a caller whom nothing gives a group sees no
 * tenant: whatever is wrong in it takes from callers and never gives them more.
 *
 * @param misspelt a name so like the setting's own was given that it must have been meant
 * @returns undefined where there is no such setting: groups come from app roles alone
 */
export function readTenantGroups(settings: SettingsReader, misspelt: boolean): TenantGroups | undefined {
  const text = settings.get(NAME);
  if (text === undefined) return misspelt ? new Map() : undefined;
  const given = new Map<string, readonly string[]>();
  const fault = (what: string): void => settings.fault('api', NAME, `${NAME}${what} ${MEANWHILE}`);
  const entries = entriesOf(text);
  if (entries === undefined) {
    settings.fault('api', NAME, `${FORM} ${MEANWHILE}`);
    return given;
  }
  for (const [key, value] of entries) {
    const whom = key.trim();
    const id = isGuid(whom) ? whom.toLowerCase() : whom;
    const groups = z.array(groupName).min(1).safeParse(value);
    if (given.has(id)) {
      fault(`["${key}"]: is there twice. Neither counts.`);
      given.set(id, []);
    } else if (isGuid(id) && value === ALL_TENANTS) given.set(id, [ALL_TENANTS]);
    else if (groups.success && id !== '') given.set(id, groups.data);
    else if (value === ALL_TENANTS || (Array.isArray(value) && value.includes(ALL_TENANTS)))
      fault(`["${key}"]: all tenants are given as "*" alone, and to an object id alone, not to an app role.`);
    else
      fault(
        `["${key}"]: must be a list of names of groups, each of 1 to 64 letters, digits, ".", "_" or "-".`,
      );
  }
  return given;
}

function entriesOf(text: string): readonly (readonly [string, unknown])[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return Object.entries(parsed);
  } catch {
    return undefined;
  }
}

/** Groups that the setting names and no tenant is in, for people: most likely they are misspelt. */
export function groupFaults(
  groups: TenantGroups | undefined,
  tenants: readonly Pick<Tenant, 'groups'>[],
): readonly { readonly area: 'api'; readonly setting: string; readonly text: string }[] {
  const known = [
    ...new Set(tenants.flatMap((tenant) => tenant.groups ?? []).map((name) => name.toLowerCase())),
  ];
  const named = new Set([...(groups?.values() ?? [])].flat());
  return [...named]
    .filter((name) => name !== ALL_TENANTS && !known.includes(name))
    .map((name) => {
      const meant = closestTo(name, known);
      const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
      return { area: 'api', setting: NAME, text: `${NAME}: no tenant is in the group "${name}".${hint}` };
    });
}
