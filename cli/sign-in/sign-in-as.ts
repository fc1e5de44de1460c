import { Option } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import type { Cloud } from '../../shared/clouds.ts';
import { type Config, readConfig } from '../../shared/config.ts';
import type { GetToken } from '../../shared/tenant.ts';
import { EXIT, fail } from '../output/failure.ts';
import { isKept, keptClientId, storeHere, tell } from './here.ts';
import type { Person } from './person.ts';
import { type PersonResource, RESOURCE_NAMES, scopeOf } from './resources.ts';
import { cloudOfSignIn } from './target.ts';

/** In whose name a command works: the signed-in person, or the app that the settings configure. */
export type ActAs = 'user' | 'app';

/** What a command works with, in that name. */
export interface SignedInAs {
  readonly kind: ActAs;
  /** Cloud of the tenants that it works in. */
  readonly cloud: Cloud;
  /** Tokens of Microsoft's APIs. @throws OutriderError `auth.*` */
  readonly getToken: GetToken;
  /** A token for the deployed Outrider API. @throws OutriderError `auth.*`; CommandFailure without its settings */
  getApiToken(): Promise<string>;
  /** Who it is, when it is a person. */
  readonly person: Person | undefined;
}

/** `--as user|app`, for every command that needs a token. */
export const asOption = (): Option =>
  new Option('--as <who>', 'as the person of `outrider login`, or as the app of the settings').choices([
    'user',
    'app',
  ]);

/**
 * Signs in for a command. Without a wish it is the app, where the settings configure one, else the person; when that
 * leaves a doubt, one line on stderr says who it is.
 *
 * @throws CommandFailure when nobody is signed in, or the settings configure no app
 */
export async function signInAs(wanted?: ActAs, config: Config = readConfig()): Promise<SignedInAs> {
  if (wanted === 'app') return asApp(config);
  const clientId = await keptClientId(config);
  if (wanted === 'user') return asPerson(config, clientId);
  const isSignedIn = clientId !== undefined && (await isKept(clientId));
  if (hasApp(config)) {
    if (isSignedIn) tell('Works as the app of the settings; --as user works as the signed-in person.');
    return asApp(config);
  }
  if (!isSignedIn) return nobodyAtAll(config);
  const as = await asPerson(config, clientId);
  tell(`Works as ${as.person?.signIn.username}, tenant ${as.person?.signIn.tenantId}.`);
  return as;
}

const hasApp = ({ tenants, storage }: Config): boolean => tenants.length > 0 || storage !== undefined;

/** Has this environment nobody to work as: no app in the settings, and no person who is signed in? */
export async function isNobodyHere(config: Config = readConfig()): Promise<boolean> {
  if (hasApp(config)) return false;
  const clientId = await keptClientId(config);
  return clientId === undefined || !(await isKept(clientId));
}

function nobodyAtAll({ faults }: Config): never {
  const texts = faults.filter(({ area }) => area === 'tenants' || area === 'names' || area === 'cloud');
  const sentences = [
    'No tenant is configured, and nobody is signed in.',
    ...texts.map(({ text }) => text),
    'As the app: set OUTRIDER_TENANT_ID or OUTRIDER_TENANTS. As yourself: outrider login.',
    'In the lab: outrider lab exec -- outrider …',
  ];
  return fail(EXIT.usage, sentences.join(' '));
}

async function asPerson(config: Config, clientId: string | undefined): Promise<SignedInAs> {
  const person = await openPersonHere(config, clientId);
  const cloud = cloudOfSignIn(config, person.signIn.cloud);
  return {
    kind: 'user',
    cloud,
    person,
    async getToken({ tenant, resource, refused, fresh = false, signal }) {
      const anew = fresh || refused !== undefined;
      return (await personToken(person, { config, cloud, resource, tenant, anew, signal })).text;
    },
    async getApiToken() {
      const tenant = config.api?.tenantId;
      return (await personToken(person, { config, cloud, resource: 'outrider', tenant })).text;
    },
  };
}

/** @throws CommandFailure when nobody is signed in */
export async function openPersonHere(config: Config, known?: string): Promise<Person> {
  const { NOBODY, createPerson } = await import('./person.ts');
  const { entraOf } = await import('./sign-in-service.ts');
  const { proxySettings } = await import('./refusal-words.ts');
  const { CLOUDS } = await import('../../shared/clouds.ts');
  const clientId = known ?? (await keptClientId(config)) ?? fail(EXIT.no, NOBODY);
  const store = storeHere(clientId);
  const signIn = (await store.read()) ?? fail(EXIT.no, NOBODY);
  const service = entraOf(CLOUDS[signIn.cloud]);
  const proxy = proxySettings(process.env);
  return createPerson({ service, store, clock: systemClock, proxy }, signIn);
}

/** A token of the person for a resource, in a tenant of theirs or one that knows them as a guest. */
export function personToken(
  person: Person,
  wish: {
    readonly config: Pick<Config, 'api'>;
    readonly cloud: Cloud;
    readonly resource: PersonResource;
    readonly tenant?: string | undefined;
    readonly anew?: boolean | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): ReturnType<Person['token']> {
  const { config, cloud, resource, tenant = person.signIn.tenantId, anew, signal } = wish;
  return person.token({
    scopes: [scopeOf(resource, cloud, config.api)],
    tenant,
    audience: RESOURCE_NAMES[resource],
    again: `outrider login --tenant ${tenant} --resource ${resource}`,
    anew,
    signal,
  });
}

async function asApp(config: Config): Promise<SignedInAs> {
  const { createOutrider } = await import('../../shared/app.ts');
  const { apiTokenOfApp } = await import('./app-api-token.ts');
  const { getToken } = createOutrider(config);
  return {
    kind: 'app',
    cloud: config.cloud,
    person: undefined,
    getToken,
    getApiToken: () => apiTokenOfApp(config),
  };
}
