import { ACTIONS, type Action } from '../../../shared/http/actions.ts';
import type { Random } from '../../faults/random.ts';
import { CUSTOMER, OTHER_CUSTOMER, type SigningKey, STRANGER } from '../directories.ts';
import { drawToken } from './draw-token.ts';
import { SPOILS } from './spoil-text.ts';
import { SUSPENDED } from './world.ts';

/** One request of a series. */
export interface CallersRequest {
  /** How it was made, for the report. */
  readonly made: string;
  /** Name and value, as often as they are sent. */
  readonly headers: readonly (readonly [string, string])[];
  readonly action: Action;
  /** As it stands in the address. */
  readonly tenantId: string;
}

const TENANTS = [
  CUSTOMER,
  CUSTOMER,
  OTHER_CUSTOMER,
  SUSPENDED,
  STRANGER,
  CUSTOMER.toUpperCase(),
  'contoso.com',
  '..',
];
const ACTION_NAMES = Object.keys(ACTIONS) as Action[];
const SPOIL_NAMES = Object.keys(SPOILS);
const NAMES = ['authorization', 'Authorization', 'AUTHORIZATION', 'aUtHoRiZaTiOn'];
const SCHEMES = ['Bearer ', 'Bearer ', 'Bearer ', 'bearer ', 'BEARER   '];
const ODD_SCHEMES = ['Bearer', 'Basic ', 'Bearer\t', 'DPoP ', ''];
/** Tokens that were issued some time ago are sent again: most of what is spoilt is spoilt in them. */
const MOST_KEPT = 200;

/** Draws requests with tokens in order, tokens that are wrong, and texts that are none any more. */
export function createRequests(
  random: Random,
  keys: ReadonlyMap<string, readonly SigningKey[]>,
): () => CallersRequest {
  const kept: { readonly token: string; readonly made: string }[] = [];
  const issue = (): { readonly token: string; readonly made: string } => {
    if (kept.length === MOST_KEPT && random.percent(75)) return random.pick(kept);
    const drawn = drawToken(random, keys);
    if (kept.length < MOST_KEPT) kept.push(drawn);
    else kept[random.below(MOST_KEPT)] = drawn;
    return drawn;
  };

  return () => {
    let { token, made } = issue();
    if (random.percent(35)) {
      const name = random.pick(SPOIL_NAMES);
      token = SPOILS[name]?.(token, random, issue().token) ?? token;
      made += `, ${name}`;
    }
    const scheme = random.pick(random.percent(93) ? SCHEMES : ODD_SCHEMES);
    const headers: (readonly [string, string])[] = [[random.pick(NAMES), scheme + token]];
    if (random.percent(4)) headers.push([random.pick(NAMES), `Bearer ${issue().token}`]);
    if (random.percent(2)) headers.length = 0;
    if (random.percent(20)) headers.push(...easyAuth(random, token));
    return { made, headers, action: random.pick(ACTION_NAMES), tenantId: random.pick(TENANTS) };
  };
}

/** What App Service's own authentication would put on a request, and anybody can. */
function easyAuth(random: Random, token: string): readonly (readonly [string, string])[] {
  const claims = [
    { typ: 'roles', val: 'Incidents.Read' },
    { typ: 'roles', val: 'Hunts.Run' },
  ];
  const principal = Buffer.from(JSON.stringify({ auth_typ: 'aad', claims, role_typ: 'roles' })).toString(
    'base64',
  );
  const all = [
    ['x-ms-client-principal', principal],
    ['x-ms-client-principal-id', '33333333-3333-4333-8333-333333333333'],
    ['x-ms-client-principal-idp', 'aad'],
    ['x-ms-client-principal-name', 'admin@contoso.com'],
    ['x-ms-token-aad-access-token', token.replaceAll(/[^\x21-\x7e]/g, '')],
    ['x-zumo-auth', 'x'],
    ['x-functions-key', 'x'],
  ] as const;
  return random.shuffled(all).slice(0, 1 + random.below(all.length));
}
