import { setImmediate as turn } from 'node:timers/promises';
import { CryptoProvider } from '@azure/msal-node';
import { decodeJwt } from 'jose';
import { attemptSignIn, createPerson, createPersonNetwork, type Person } from '../../cli/sign-in/person.ts';
import { createPersonClient } from '../../cli/sign-in/person-client.ts';
import { entraOf } from '../../cli/sign-in/sign-in-service.ts';
import type { SignIn, SignInStore } from '../../cli/sign-in/sign-in-store.ts';
import { createRandom, type Random } from '../../lab/defender/random.ts';
import type { Directory } from '../../lab/entra/directory.ts';
import { createEntra } from '../../lab/entra/entra.ts';
import type { LabService } from '../../lab/service.ts';
import { systemClock } from '../../shared/clock.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { mapLimit } from '../../shared/concurrency.ts';
import { byService, createVisitor } from '../lab/entra/visitor.ts';

export interface PersonPlay {
  readonly rounds: number;
  readonly seed: number;
}

/** For every day, and the whole proof. */
export const LIGHT_PERSON_PLAY: PersonPlay = { rounds: 2, seed: 5 };
export const WHOLE_PERSON_PLAY: PersonPlay = { rounds: 40, seed: 5 };

export interface PersonResult {
  /** Tokens that were handed out, and requests to sign-in for them. */
  readonly tokens: number;
  readonly requests: number;
  /** Tokens that were new, and kept for the next command. */
  readonly kept: number;
  /** Requests for what the next command had to find kept. */
  readonly forgotten: number;
  readonly crossings: readonly string[];
  readonly troubles: readonly string[];
}

/** One token to be had: where, and for which service. */
interface Place {
  readonly tenant: string;
  readonly scope: string;
}

const AT_ONCE = 64;
const TENANTS = 16;
const PERSONS = 2;
/** As if a person ran so many commands at once. */
const COMMANDS = 4;
const TOKENS_A_ROUND = 128;
const CLIENT = 'dddddddd-0000-4000-8000-00000000000d';
const REDIRECT = 'http://localhost:4711';
const NO_PROXY = { url: undefined, used: false };
const SERVICE = entraOf(CLOUDS.global);
const SCOPES = [CLOUDS.global.resources.graph.scope, CLOUDS.global.resources.xdr.scope];

const digits = (number: number): string => String(number).padStart(3, '0');
const tenantId = (number: number): string => `10000000-0000-4000-8000-000000000${digits(number)}`;
/** A person's object id in a tenant; the first tenant is home. */
const objectId = (person: number, tenant: number): string =>
  `20000000-0000-4000-8000-000000${digits(tenant)}${digits(person)}`;
const nameOf = (person: number): string => `person-${person}@home.example`;
const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Two persons, signed in once at the command line, have tokens for many tenants whose guests they are, all at once. */
export async function playPersons({ rounds, seed }: PersonPlay): Promise<PersonResult> {
  const random = createRandom(seed);
  const { service } = createEntra({ directory: directoryOfGuests(), clock: systemClock });
  const found = {
    tokens: 0,
    requests: 0,
    kept: 0,
    forgotten: 0,
    crossings: [] as string[],
    troubles: [] as string[],
  };
  const fetch = slowFetch(service, random.fork('turns'), () => found.requests++);
  const places = numbersTo(TENANTS).flatMap((number) =>
    SCOPES.map((scope): Place => ({ tenant: tenantId(number), scope })),
  );

  async function ask(person: Person, owner: number, { tenant, scope }: Place, anew: boolean): Promise<void> {
    try {
      const { text } = await person.token({ scopes: [scope], tenant, audience: scope, again: 'login', anew });
      found.tokens++;
      const { tid, oid, aud } = decodeJwt(text);
      const right = objectId(owner, Number(tenant.slice(-3)));
      if (tid === tenant && oid === right && scope === `${aud}/.default`) return;
      found.crossings.push(
        `person-${owner} asks for ${scope} in ${tenant} and gets ${aud} of ${oid} in ${tid}`,
      );
    } catch (error) {
      found.troubles.push(`person-${owner} in ${tenant}: ${error}`);
    }
  }

  const persons: { readonly owner: number; readonly newCommand: () => Person; commands: Person[] }[] = [];
  for (const owner of numbersTo(PERSONS)) {
    const signIn = await signInOf(owner, service, fetch);
    const store = storeOf(signIn, random.fork(`store ${owner}`), () => found.kept++);
    const newCommand = (): Person =>
      createPerson({ service: SERVICE, store, clock: systemClock, proxy: NO_PROXY, fetch }, signIn);
    persons.push({ owner, newCommand, commands: numbersTo(COMMANDS).map(newCommand) });
  }
  for (const { owner, commands } of persons) {
    const [command] = commands;
    if (command) await mapLimit(places, AT_ONCE, (place) => ask(command, owner, place, false));
  }
  for (let round = 0; round < rounds && found.crossings.length === 0; round++) {
    await mapLimit(numbersTo(TOKENS_A_ROUND), AT_ONCE, () => {
      const { owner, commands } = random.pick(persons);
      return ask(random.pick(commands), owner, random.pick(places), random.chance(0.1));
    });
  }
  const before = found.requests;
  for (const { owner, newCommand } of persons) {
    const command = newCommand();
    await mapLimit(places, AT_ONCE, (place) => ask(command, owner, place, false));
  }
  return { ...found, forgotten: found.requests - before };
}

function directoryOfGuests(): Directory {
  const ids = numbersTo(TENANTS).map(tenantId);
  return {
    tenants: ids.map((id) => ({ id, name: 'Customer' })),
    apps: [
      {
        appId: CLIENT,
        homeTenantId: tenantId(1),
        displayName: 'Outrider at the command line',
        secrets: [],
        certificates: [],
        federated: [],
        grants: Object.fromEntries(ids.map((id) => [id, {}])),
        consents: ids.flatMap((id) =>
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
      numbersTo(TENANTS).map((tenant) => ({
        id: objectId(person, tenant),
        tenantId: tenantId(tenant),
        name: `Person ${person}`,
        userPrincipalName: nameOf(person),
        ...(tenant === 1 ? {} : { guestOf: objectId(person, 1) }),
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
  const tenant = tenantId(1);
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
