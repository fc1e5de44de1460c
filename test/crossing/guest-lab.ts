import { setImmediate as turn } from 'node:timers/promises';
import { CryptoProvider } from '@azure/msal-node';
import { attemptSignIn, createPerson, createPersonNetwork, type Person } from '../../cli/sign-in/person.ts';
import { createPersonClient } from '../../cli/sign-in/person-client.ts';
import { entraOf } from '../../cli/sign-in/sign-in-service.ts';
import type { SignIn, SignInStore } from '../../cli/sign-in/sign-in-store.ts';
import type { Random } from '../../lab/defender/random.ts';
import type { Directory } from '../../lab/entra/directory.ts';
import { createEntra } from '../../lab/entra/entra.ts';
import type { LabService } from '../../lab/service.ts';
import { systemClock } from '../../shared/clock.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { byService, createVisitor } from '../lab/entra/visitor.ts';

/** A person at the command line who is a guest in many tenants, signed in once at home. */
export interface Guest {
  readonly number: number;
  /** Another command that they run. */
  newCommand(): Person;
}

/** One token to be had: where, and for which service. */
export interface Place {
  readonly tenant: string;
  readonly scope: string;
}

const TENANTS = 16;
export const PERSONS = 2;
const CLIENT = 'dddddddd-0000-4000-8000-00000000000d';
const REDIRECT = 'http://localhost:4711';
const NO_PROXY = { url: undefined, used: false };
const SERVICE = entraOf(CLOUDS.global);
const SCOPES = [CLOUDS.global.resources.graph.scope, CLOUDS.global.resources.xdr.scope];

const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const digits = (number: number): string => String(number).padStart(3, '0');
const tenantId = (number: number): string => `10000000-0000-4000-8000-000000000${digits(number)}`;
/** The first tenant is home. */
const TENANT_IDS = numbersTo(TENANTS).map(tenantId);
const HOME = tenantId(1);
export const PLACES = TENANT_IDS.flatMap((tenant) => SCOPES.map((scope): Place => ({ tenant, scope })));

/** A person's object id where the place is. */
export const objectIdIn = ({ tenant }: Pick<Place, 'tenant'>, person: number): string =>
  `20000000-0000-4000-8000-000000${tenant.slice(-3)}${digits(person)}`;

const nameOf = (person: number): string => `person-${person}@home.example`;

/** The persons and the lab's Entra ID, without sockets. */
export async function createGuestLab({
  random,
  counts,
}: {
  readonly random: Random;
  /** Counted up: requests to sign-in, and new tokens that were kept. */
  readonly counts: { requests: number; kept: number };
}): Promise<readonly Guest[]> {
  const { service } = createEntra({ directory: directoryOfGuests(), clock: systemClock });
  const fetch = slowFetch(service, random.fork('turns'), () => counts.requests++);
  const guests: Guest[] = [];
  for (const number of numbersTo(PERSONS)) {
    const signIn = await signInOf(number, service, fetch);
    const store = storeOf(signIn, random.fork(`store ${number}`), () => counts.kept++);
    const parts = { service: SERVICE, store, clock: systemClock, proxy: NO_PROXY, fetch };
    guests.push({ number, newCommand: () => createPerson(parts, signIn) });
  }
  return guests;
}

function directoryOfGuests(): Directory {
  return {
    tenants: TENANT_IDS.map((id) => ({ id, name: 'Customer' })),
    apps: [
      {
        appId: CLIENT,
        homeTenantId: HOME,
        displayName: 'Outrider at the command line',
        secrets: [],
        certificates: [],
        federated: [],
        grants: Object.fromEntries(TENANT_IDS.map((id) => [id, {}])),
        consents: TENANT_IDS.flatMap((id) =>
          SCOPES.map((scope) => ({
            tenantId: id,
            resource: scope.replace('/.default', ''),
            scopes: ['Read.All'],
          })),
        ),
        isPublicClient: true,
        isMultiTenant: true,
        redirectUris: ['http://localhost'],
      },
    ],
    users: numbersTo(PERSONS).flatMap((person) =>
      TENANT_IDS.map((tenant) => ({
        id: objectIdIn({ tenant }, person),
        tenantId: tenant,
        name: `Person ${person}`,
        userPrincipalName: nameOf(person),
        ...(tenant === HOME ? {} : { guestOf: objectIdIn({ tenant: HOME }, person) }),
      })),
    ),
    managedIdentities: [],
  };
}

/** Answers overtake each other. */
function slowFetch(service: LabService, random: Random, onRequest: () => void): typeof fetch {
  return async (input, init) => {
    onRequest();
    for (let turns = random.int(0, 6); turns > 0; turns--) await turn();
    const url = new URL(String(input));
    const { status, body, headers } = await service.handle({
      method: init?.method ?? 'GET',
      url,
      rawTarget: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: Buffer.from(String(init?.body ?? '')),
    });
    return Response.json(body, { status, headers: { ...headers } });
  };
}

/** Signs a person in at home, as `outrider login` does. */
async function signInOf(person: number, lab: LabService, fetch: typeof globalThis.fetch): Promise<SignIn> {
  const parts = { service: SERVICE, clock: systemClock, fetch };
  const network = createPersonNetwork(parts);
  const tenant = HOME;
  const client = createPersonClient({ service: SERVICE, clientId: CLIENT, tenant, network });
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const [scope = ''] = SCOPES;
  const order = { scopes: [scope], redirectUri: REDIRECT };
  const attempt = {
    origin: SERVICE.origin,
    clientId: CLIENT,
    tenant,
    audience: 'Graph',
    again: '',
    proxy: NO_PROXY,
  };
  const url = await attemptSignIn(network, attempt, undefined, () =>
    client.getAuthCodeUrl({ ...order, codeChallenge: challenge, codeChallengeMethod: 'S256' }),
  );
  const page = await createVisitor(byService(lab)).signIn(url, nameOf(person));
  const code = page.location?.searchParams.get('code') ?? '';
  const result = await attemptSignIn(network, attempt, undefined, () =>
    client.acquireTokenByCode({ ...order, code, codeVerifier: verifier }),
  );
  const { homeAccountId = '', username = '' } = result?.account ?? {};
  const cache = client.getTokenCache().serialize();
  return { clientId: CLIENT, cloud: 'global', tenantId: tenant, accountId: homeAccountId, username, cache };
}

/** One person's sign-in, in memory but as slow as a file; who wants to write it waits for the others. */
function storeOf(signIn: SignIn, random: Random, onKept: () => void): SignInStore {
  let kept = signIn;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async read() {
      for (let turns = random.int(0, 3); turns > 0; turns--) await turn();
      return kept;
    },
    replace: async (next) => {
      kept = next;
    },
    async lock() {
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      return {
        keep: async (next) => {
          onKept();
          kept = next;
        },
        release: async () => resolve(),
      };
    },
    remove: async () => true,
  };
}
