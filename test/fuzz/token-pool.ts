import type { Cloud } from '../../lab/cloud.ts';
import { BAD_TOKENS } from '../http/tokens.ts';
import type { TokenPool } from './request.ts';

const READ = 'Incidents.Read';
const SYNC = 'Incidents.Sync';
const HUNTS = ['Hunts.Read', 'Hunts.Run'];
const TENANTS = ['Tenants.Read', 'Tenants.Manage'];

/** Names of tokens that open something, and of those that say who calls but not that he may. */
export const GOOD_TOKENS = [
  'a reader',
  'a reader, v1 form',
  'a reader, v2 form of the URI',
  'all roles',
  'a user with the role',
] as const;
export const SYNC_TOKENS = ['a syncer'] as const;
export const ROLELESS_TOKENS = [
  'no role',
  'no role, v1 form',
  'another role',
  'a role in the wrong letter case',
  'a user’s delegated permission',
  'a user with the role and without the scope',
] as const;

/** One token of each kind, made once: what a request does to it is up to the request. */
export async function createTokenPool(cloud: Cloud): Promise<TokenPool> {
  const { world, entra } = cloud;
  const issue = async (
    roles: readonly string[],
    over: Partial<Parameters<Cloud['entra']['issue']>[0]> = {},
  ): Promise<string> => {
    const caller = { tenantId: world.home.id, appId: world.caller.clientId };
    return `Bearer ${await entra.issue({ ...caller, audience: world.api.clientId, roles, ...over })}`;
  };
  const uri = `api://${world.api.clientId}`;
  const pool = new Map<string, string>([
    ['a reader', await issue([READ])],
    ['a reader, v1 form', await issue([READ], { audience: uri })],
    ['a reader, v2 form of the URI', await issue([READ], { audience: uri, version: 2 })],
    ['a syncer', await issue([SYNC])],
    ['all roles', await issue([READ, SYNC, 'Incidents.Update', ...HUNTS, ...TENANTS])],
    ['no role', await issue([])],
    ['no role, v1 form', await issue([], { audience: uri })],
    ['another role', await issue(['Incidents.Write', `${READ}.All`])],
    ['a role in the wrong letter case', await issue([READ.toLowerCase(), SYNC.toUpperCase()])],
    ['a user with the role', await issue([READ], { scopes: ['access_as_user'] })],
    ['a user’s delegated permission', await issue([], { scopes: [READ, SYNC] })],
    ['a user with the role and without the scope', await issue([READ], { scopes: [READ] })],
  ]);
  for (const { name, make } of BAD_TOKENS) pool.set(name, await make(cloud));
  return pool;
}
