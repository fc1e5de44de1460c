import { expect } from 'vitest';
import type { DirectoryApp } from '../../lab/entra/directory.ts';
import { ORIGIN } from './onboarding-browser.ts';
import { type OutriderApp, startOutrider } from './outrider-app.ts';

export const MANAGE = { roles: ['Tenants.Read', 'Tenants.Manage'] };
export const PATH = '/api/tenants/invitations';
export const CALLBACK = `${ORIGIN}/api/onboarding/callback`;

export interface Invited {
  readonly invitationId: string;
  readonly link: string;
  readonly state: string;
  readonly events: readonly { readonly what: string; readonly tenantId?: string; readonly detail?: string }[];
}

/** A tenant that has not consented to the app so far. */
interface Customer {
  readonly id: string;
  readonly name: string;
  /** The user principal name of its admin. */
  readonly admin: string;
}

export interface OnboardingLab {
  readonly app: OutriderApp;
  readonly credential: object;
  /** What the app's registration asks for, as the admin is shown it. */
  readonly reader: Pick<DirectoryApp, 'requires' | 'grants'>;
  customer(index: number): Customer;
  invite(body?: object): Promise<Invited>;
  lookAt(id: string): Promise<Invited>;
  whatHappened(id: string): Promise<readonly string[]>;
  stateOf(id: string): Promise<unknown>;
  /** How often Entra ID was asked about a tenant, by anybody. */
  askedOf(id: string): number;
}

export async function startOnboardingLab(): Promise<OnboardingLab> {
  const app = await startOutrider({
    cloud: { tenants: 9 },
    settings: ({ env }) => ({
      OUTRIDER_TENANTS: JSON.stringify(JSON.parse(env.OUTRIDER_TENANTS ?? '').slice(0, 1)),
      OUTRIDER_INTERVAL_MINUTES: '1440',
      OUTRIDER_API_URL: ORIGIN,
    }),
  });
  const { world, directory, entra, log } = app.cloud;
  const reader = directory.apps.find(({ appId }) => appId === world.reader.clientId);
  if (!reader) throw new Error('The lab has lost its app.');
  reader.redirectUris = [CALLBACK];
  const federated = world.tenants.slice(1).filter((tenant) => tenant.credential.kind === 'federated');
  for (const { id } of federated) delete reader.grants[id];
  const adminOf = (id: string): string =>
    world.people.find(({ tenantId, part }) => tenantId === id && part === 'admin')?.userPrincipalName ?? '';
  const customers = federated.map(({ id, name }): Customer => ({ id, name, admin: adminOf(id) }));
  const credential = { kind: 'federated', clientId: world.reader.clientId };

  const lookAt = async (id: string): Promise<Invited> =>
    (await app.call(`${PATH}/${id}`, MANAGE)).json<Invited & Record<string, unknown>>();
  return {
    app,
    credential,
    reader,
    customer: (index) => customers[index] ?? { id: '', name: '', admin: '' },
    async invite(body = {}) {
      const answer = await app.call(PATH, { ...MANAGE, method: 'POST', body: { credential, ...body } });
      expect(answer.status, answer.text).toBe(201);
      return answer.json<Invited & Record<string, unknown>>();
    },
    lookAt,
    whatHappened: async (id) => (await lookAt(id)).events.map(({ what }) => what),
    stateOf: async (id) => (await app.call(`/api/tenants/${id}`, MANAGE)).json().state,
    askedOf: (id) => log.callsTo([entra.service.name], id),
  };
}
