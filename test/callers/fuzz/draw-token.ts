import { ACTIONS } from '../../../shared/http/actions.ts';
import type { Random } from '../../faults/random.ts';
import {
  API,
  CALLER,
  CLIENT,
  CUSTOMER,
  claimsOf,
  HOME,
  issuerV1,
  issuerV2,
  OTHER_CUSTOMER,
  type SigningKey,
  STRANGER,
  signed,
} from '../directories.ts';
import { ANALYST, OVERSEER, SUSPENDED, TEAM } from './world.ts';

const DIRECTORIES = [HOME, HOME, HOME, CUSTOMER, CUSTOMER, OTHER_CUSTOMER, SUSPENDED, STRANGER];
const OBJECTS = [CALLER, OVERSEER, OVERSEER, ANALYST, ANALYST];
const ROLES = [...new Set(Object.values(ACTIONS))];
/** Roles that open no action: some give groups of tenants, some are only like those that do. */
const MORE_ROLES = [
  'Automation',
  'Tenants.Group.emea',
  'Tenants.Group.apac',
  'Tenants.Group.nobody',
  'incidents.read',
  'Incidents.Read.All',
];
const FORMS = ['app', 'app', 'app, marked', 'user', 'user', 'user without scope', 'ID token'] as const;
const ODD = [undefined, null, 0, -1, true, '', [], {}, 'x', HOME, API, [HOME], 1e300, '\u0000', '１'];

type Claims = Readonly<Record<string, unknown>>;

/** A token that some directory may have issued: mostly in order, else with a claim, its header or its key changed. */
export function drawToken(
  random: Random,
  keys: ReadonlyMap<string, readonly SigningKey[]>,
): { readonly token: string; readonly made: string } {
  const directory = random.pick(DIRECTORIES);
  let claims = soundClaims(random, directory);
  let header: Claims = {};
  let key = random.pick(keys.get(directory) ?? []);
  let made = 'as issued';
  if (random.percent(30)) {
    const [name, changed] = changedClaims(random, claims);
    claims = changed;
    made = `claim ${name}`;
  }
  if (random.percent(8)) {
    header = random.pick(headersFor(key));
    made += ', header';
  }
  if (random.percent(8)) {
    const kid = random.percent(50) ? key.kid : undefined;
    key = random.pick([...keys.values()].flat());
    if (kid !== undefined) header = { ...header, kid };
    made += ', key';
  }
  return { token: signed(key, claims, header), made };
}

function soundClaims(random: Random, directory: string): Claims {
  const form = random.pick(FORMS);
  const isUser = form.startsWith('user');
  const isV1 = random.percent(50);
  return claimsOf(directory, {
    iss: isV1 ? issuerV1(directory) : issuerV2(directory),
    aud: random.percent(50) ? API : `api://${API}`,
    oid: random.pick(OBJECTS),
    roles: [...ROLES.filter(() => random.percent(80)), ...MORE_ROLES.filter(() => random.percent(10))],
    groups: random.percent(20) ? [TEAM] : undefined,
    azp: isV1 || form === 'ID token' ? undefined : CLIENT,
    appid: isV1 && form !== 'ID token' ? CLIENT : undefined,
    scp: form === 'user' ? 'access_as_user' : isUser ? 'Incidents.Read openid' : undefined,
    idtyp: form === 'app, marked' ? 'app' : isUser && random.percent(50) ? 'user' : undefined,
  }) as Claims;
}

function changedClaims(random: Random, claims: Claims): readonly [string, Claims] {
  const now = Math.floor(Date.now() / 1000);
  const directory = random.pick(DIRECTORIES);
  const issuers = [
    issuerV1(directory),
    issuerV2(directory),
    issuerV2(directory.toUpperCase()),
    `https://evil.example/${directory}/v2.0`,
    `${issuerV2(directory)}/`,
    `http://login.microsoftonline.com/${directory}/v2.0`,
  ];
  const changes: readonly (readonly [string, unknown])[] = [
    ['iss', random.pick(issuers)],
    ['tid', directory],
    ['tid', directory.toUpperCase()],
    [
      'aud',
      random.pick([
        CLIENT,
        `api://${CLIENT}`,
        'https://graph.microsoft.com',
        [API],
        [CLIENT, API],
        [],
        `${API} `,
      ]),
    ],
    ['exp', now + random.pick([-3600, -600, -61, -30, 30, 1e9])],
    ['nbf', now + random.pick([-3600, 30, 90, 3600])],
    ['oid', random.pick([CALLER.toUpperCase(), 'admin', `${CALLER}0`])],
    ['roles', random.pick(['Incidents.Read', [['Incidents.Read']], { 0: 'Incidents.Read' }])],
    ['scp', random.pick(['', 'access_as_user', ['access_as_user'], 'ACCESS_AS_USER'])],
    ['idtyp', random.pick(['app', 'user', 'device', 'APP'])],
    ['groups', random.pick([[TEAM], [TEAM.toUpperCase()], TEAM, [OVERSEER]])],
    [random.pick(Object.keys(claims)), random.pick(ODD)],
  ];
  const [name, value] = random.pick(changes);
  return [name, { ...claims, [name]: value }];
}

function headersFor({ kid }: SigningKey): readonly Claims[] {
  return [
    { alg: 'none' },
    { alg: 'HS256' },
    { alg: 'ES256' },
    { alg: 'PS256' },
    { alg: undefined },
    { kid: undefined },
    { kid: 7 },
    { kid: kid.toUpperCase() },
    { kid: `../${kid}` },
    { kid: 'x' },
    { crit: ['exp'], exp: 1 },
    { crit: ['b64'], b64: false },
    { jku: 'https://evil.example/keys' },
    { typ: 'at+jwt' },
    { typ: undefined, x5t: 'y' },
  ];
}
