import { AadstsError } from './aadsts.ts';
import type { SignInCloud } from './clouds.ts';
import { type Directory, type DirectoryTenant, findApp } from './directory.ts';
import { unknownResource } from './problems.ts';
import { findResource, type Resource } from './resources.ts';
import { severalResources, unknownScope } from './user-problems.ts';

/** What a client asks for in a user's name, by the parameter `scope`. */
export interface DelegatedScope {
  readonly resource: Resource;
  /** The resource's name as the client wrote it. */
  readonly name: string;
  /** Names of delegated permissions, without the resource. */
  readonly scopes: readonly string[];
  /** `/.default`: all that is consented to. */
  readonly isDefault: boolean;
  /** `openid`, `profile`, `email`, `offline_access`. */
  readonly openId: readonly string[];
  /** All of it, as the client wrote it. */
  readonly text: string;
}

const OPEN_ID = ['openid', 'profile', 'email', 'offline_access'];

interface Place {
  readonly tenant: DirectoryTenant;
  readonly cloud: SignInCloud;
}

/**
 * Reads `scope`, one part for each resource. A permission without a resource is one of Microsoft Graph's, and Graph
 * is meant where no resource is named at all.
 * https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 * @throws AadstsError 500011 for an unknown resource, 65005 for a scope that it does not have
 */
export function readDelegatedScopes(
  directory: Directory,
  { tenant, cloud }: Place,
  scope: string,
): readonly DelegatedScope[] {
  const parts = scope.split(' ').filter((part) => part !== '');
  const openId = parts.filter((part) => OPEN_ID.includes(part));
  const graph = `https://${cloud.graphHost}`;
  const wanted = parts.filter((part) => !OPEN_ID.includes(part)).map((part) => splitScope(part, graph));
  const names = wanted.length === 0 ? [graph] : [...new Set(wanted.map(({ name }) => name))];
  return names.map((name) => {
    const resource = findResource(directory, tenant.id, name);
    if (resource === undefined) throw new AadstsError(unknownResource(name, tenant.name));
    const ofIt = wanted.filter((one) => one.name === name).map((one) => one.scope);
    const scopes = ofIt.filter((one) => one !== '.default');
    checkOffered(directory, resource, scopes);
    return { resource, name, scopes, isDefault: scopes.length < ofIt.length, openId, text: scope };
  });
}

/**
 * The same where a token is issued, which is for one resource.
 * @throws AadstsError 28000 for several, and as above
 */
export function readDelegatedScope(directory: Directory, place: Place, scope: string): DelegatedScope {
  const [first, ...others] = readDelegatedScopes(directory, place, scope);
  if (first === undefined || others.length > 0) throw new AadstsError(severalResources());
  return first;
}

function splitScope(part: string, graph: string): { readonly name: string; readonly scope: string } {
  const slash = part.lastIndexOf('/');
  if (slash < 0) return { name: graph, scope: part };
  return { name: part.slice(0, slash), scope: part.slice(slash + 1) };
}

/** Of Microsoft's services the lab does not know the list; of an app's own API it does. */
function checkOffered(directory: Directory, resource: Resource, scopes: readonly string[]): void {
  const [appId = ''] = resource.names;
  const app = findApp(directory, appId);
  if (app === undefined) return;
  const unknown = scopes.find((scope) => !(app.scopes ?? []).includes(scope));
  if (unknown !== undefined) throw new AadstsError(unknownScope(unknown, app.displayName));
}
