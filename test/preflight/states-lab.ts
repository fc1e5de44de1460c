import type { Cloud } from '../../lab/cloud.ts';
import type { Capability } from '../../shared/permissions.ts';
import type { PreflightState } from '../../shared/preflight/states.ts';

const GRAPH = 'https://graph.microsoft.com';
const XDR = 'https://api.security.microsoft.com';
const MDE = 'https://api.securitycenter.microsoft.com';

/** As much as Outrider ever needs. */
const EVERYTHING = {
  [GRAPH]: [
    'SecurityIncident.ReadWrite.All',
    'SecurityAlert.Read.All',
    'ThreatHunting.Read.All',
    'SecurityIdentitiesAccount.Read.All',
    'SecurityIdentitiesActions.ReadWrite.All',
  ],
  [XDR]: ['Incident.ReadWrite.All', 'AdvancedHunting.Read.All'],
  [MDE]: ['Machine.Read.All', 'Machine.Isolate'],
};

type States = Readonly<Partial<Record<Capability, PreflightState>>>;

/** What is done to a tenant, and what a preflight must then find. */
export interface Story {
  readonly name: string;
  readonly play: (parts: StoryParts) => void;
  readonly expected: States;
}

/** A tenant of the cloud, with the app that reads it. */
export interface StoryParts {
  readonly cloud: Cloud;
  readonly id: string;
  readonly app: Cloud['directory']['apps'][number];
  /** In Key Vault; empty for the app that has none. */
  readonly secretName: string;
}

const all = (state: PreflightState): States => ({
  incidents: state,
  alerts: state,
  hunting: state,
  deviceActions: state,
  identityActions: state,
});
const tenantOf = ({ cloud, id }: StoryParts) => {
  const found = cloud.directory.tenants.find((tenant) => tenant.id === id);
  if (!found) throw new Error(`no tenant ${id}`);
  return found;
};
const setSecret = ({ cloud, secretName }: StoryParts, value: string, expires?: number): void =>
  void cloud.vault.setSecret(secretName, value, expires === undefined ? {} : { expires });
const secretOf = ({ app }: StoryParts): string => app.secrets[0]?.value ?? '';

/**
 * In the order of the lab's tenants, which are read by Outrider's own app over Graph and by an app of their own, with a
 * secret, over the Defender XDR API in turn.
 */
export const STORIES: readonly Story[] = [
  { name: 'all is well', play: () => {}, expected: all('ok') },
  {
    name: 'the secret has expired',
    play: ({ app }) => {
      for (const secret of app.secrets) secret.expiresAt = Date.now() - 1_000;
    },
    expected: all('credentialExpired'),
  },
  {
    name: 'the consent was revoked',
    play: ({ app, id }) => {
      app.grants[id] = {};
    },
    expected: all('notConsented'),
  },
  {
    name: 'the vault has the id of the secret',
    play: (parts) => setSecret(parts, '12345678-1234-4234-8234-123456789012'),
    expected: all('credentialWrong'),
  },
  {
    name: 'the role for alerts was left out',
    play: ({ app, id }) => {
      app.grants[id] = {
        ...EVERYTHING,
        [GRAPH]: EVERYTHING[GRAPH].filter((role) => !role.startsWith('SecurityAlert')),
      };
    },
    expected: { ...all('ok'), alerts: 'roleMissing' },
  },
  {
    name: 'the secret expires in twelve days',
    play: (parts) => setSecret(parts, secretOf(parts), Date.now() + 12.5 * 86_400_000),
    expected: all('ok'),
  },
  {
    name: 'the app was deleted from the tenant',
    play: ({ app, id }) => {
      delete app.grants[id];
    },
    expected: all('appNotInTenant'),
  },
  {
    name: 'the tenant knows no Defender API',
    play: (parts) => {
      tenantOf(parts).resources = [GRAPH];
    },
    expected: {
      ...{ incidents: 'servicePrincipalMissing', alerts: 'servicePrincipalMissing', hunting: 'ok' },
      ...{ deviceActions: 'servicePrincipalMissing', identityActions: 'ok' },
    },
  },
  {
    name: 'there is no licence',
    play: (parts) => {
      tenantOf(parts).hasDefender = false;
    },
    expected: all('withoutLicence'),
  },
  {
    name: 'the tenant is not in this cloud',
    play: (parts) => {
      tenantOf(parts).cloud = 'usgov';
    },
    expected: all('wrongCloud'),
  },
  {
    name: 'a policy keeps apps out',
    play: (parts) => {
      const id = '99999999-0000-4000-8000-000000000001';
      tenantOf(parts).conditionalAccess = [{ id, demand: 'block', appliesTo: 'apps' }];
    },
    expected: all('blockedByConditionalAccess'),
  },
  {
    name: 'the Defender XDR API throttles',
    play: ({ cloud, id }) =>
      void cloud.faults.add({ service: 'xdr', tenant: id, status: 429, retryAfter: 40 }),
    expected: {
      ...{ incidents: 'throttled', alerts: 'throttled', hunting: 'ok' },
      ...{ deviceActions: 'throttled', identityActions: 'ok' },
    },
  },
  {
    name: 'Microsoft Graph cannot be reached',
    play: ({ cloud, id }) => void cloud.faults.add({ service: 'graph', tenant: id, cut: 'before' }),
    expected: { ...all('unreachable'), deviceActions: 'ok' },
  },
];

/** Plays all stories, each in a tenant of its own. */
export function playStories(cloud: Cloud): void {
  for (const [index, story] of STORIES.entries()) {
    const tenant = cloud.world.tenants[index];
    const app = cloud.directory.apps.find(({ appId }) => appId === tenant?.credential.clientId);
    if (!tenant || !app) throw new Error(`The lab has no tenant for: ${story.name}`);
    app.grants[tenant.id] = { ...EVERYTHING };
    const secretName = tenant.credential.kind === 'secret' ? tenant.credential.secretName : '';
    story.play({ cloud, id: tenant.id, app, secretName });
  }
}
