import { APIS } from '../apis.ts';
import { CLOUDS, type Cloud } from '../clouds.ts';
import type { CloudName, Resource } from '../tenant.ts';

/** What a token is for. */
export interface KnownAudience {
  readonly resource: Resource | 'outrider';
  /** As people call it. */
  readonly name: string;
  /** National clouds in which the audience is that API's. */
  readonly clouds: readonly CloudName[];
}

/** APIs as people call them. */
export const API_NAMES: Readonly<Record<Resource, string>> = {
  graph: 'Microsoft Graph',
  xdr: 'the Microsoft Defender XDR API',
  mde: 'the Microsoft Defender for Endpoint API',
};

/** The audience of tokens that were asked for by the id of the API. */
const BY_APP_ID = new Map(
  Object.entries(APIS).map(([resource, { appId }]) => [appId, resource as Resource] as const),
);

const audienceOf = ({ resources }: Cloud, resource: Resource): string =>
  resources[resource].scope.replace(/\/\.default$/, '');

/**
 * The API that an audience stands for; undefined for one that Outrider does not call.
 *
 * @param apiClientId of the Outrider API itself, where it is known
 */
export function knownAudience(audience: string, apiClientId?: string): KnownAudience | undefined {
  const plain = audience.toLowerCase().replace(/\/$/, '');
  if (apiClientId !== undefined && [apiClientId, `api://${apiClientId}`].includes(plain))
    return { resource: 'outrider', name: 'the Outrider API', clouds: [] };
  const byId = BY_APP_ID.get(plain);
  if (byId !== undefined) return { resource: byId, name: API_NAMES[byId], clouds: [] };
  const found = Object.values(CLOUDS).flatMap((cloud) =>
    (Object.keys(API_NAMES) as Resource[])
      .filter((resource) => audienceOf(cloud, resource) === plain)
      .map((resource) => ({ resource, cloud: cloud.name })),
  );
  const [first] = found;
  if (!first) return undefined;
  const clouds = found.map(({ cloud }) => cloud);
  return { resource: first.resource, name: API_NAMES[first.resource], clouds };
}
