import { decodeJwt } from 'jose';
import type { Random } from '../../lab/defender/random.ts';
import type { LabAnswer, LabService } from '../../lab/service.ts';
import { type Actor, actorAtHand } from './actor.ts';
import { API } from './directory.ts';
import type { Findings } from './findings.ts';
import type { SteadyClock } from './steady-clock.ts';
import { othersIn, type UserSignIn } from './users.ts';

export interface SignInWire {
  readonly fetch: typeof fetch;
  /** The actor that a token was issued to, by name. */
  issuedTo(token: string): string | undefined;
}

export interface SignInWireOptions {
  readonly service: LabService;
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
  readonly tokenLifeMs: number;
  /** When the API last refused a token of the actor with 401. */
  readonly refusedAt: (name: string) => number | undefined;
}

const SLOW_SHARE = 0.03;

/**
 * The lab's Entra ID as fetch for msal, which verifies secrets and assertions. Checks besides that each sign-in is by
 * the right app to the right tenant, each exchange of the right person's token, and that what is issued names the same;
 * tells from the age of the token before why there is one.
 */
export function createSignInWire(options: SignInWireOptions): SignInWire {
  const { service, clock, random, findings } = options;
  const { counts } = findings;
  const owners = new Map<string, string>();
  const count = createReasons(options);

  async function answerTo(url: URL, method: string, headers: Headers, body: Buffer): Promise<LabAnswer> {
    const actor = actorAtHand('a sign-in');
    counts.calls++;
    if (actor.signIn) counts.personCalls++;
    const form = new URLSearchParams(body.toString());
    check(url, form, actor, findings);
    const answer = await service.handle({
      method,
      url,
      rawTarget: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(headers),
      body,
    });
    const { access_token: token } = answer.body as { readonly access_token?: string };
    if (token === undefined) return answer;
    count(actor, form);
    owners.set(token, actor.name);
    checkIssued(token, actor, findings);
    return answer;
  }

  return {
    issuedTo: (token) => owners.get(token),
    async fetch(input, init) {
      if (random.chance(SLOW_SHARE)) await clock.sleep(random.int(500, 5_000), init?.signal ?? undefined);
      const answer = await clock.during(() =>
        answerTo(
          new URL(String(input)),
          init?.method ?? 'GET',
          new Headers(init?.headers),
          Buffer.from(String(init?.body ?? '')),
        ),
      );
      return Response.json(answer.body, { status: answer.status, headers: { ...answer.headers } });
    },
  };
}

const OF_APPS = {
  all: 'signIns',
  first: 'firstSignIns',
  refused: 'renewals',
  late: 'refreshes',
  evicted: 'evictions',
} as const;
const OF_PERSONS = {
  all: 'exchanges',
  first: 'firstExchanges',
  refused: 'renewedExchanges',
  late: 'expiredExchanges',
  evicted: 'evictedExchanges',
} as const;

/** Counts token by token why there is a new one. */
function createReasons({ clock, findings: { counts }, tokenLifeMs, refusedAt }: SignInWireOptions) {
  const signedInAt = new Map<string, number>();
  return ({ name, signIn }: Actor, form: URLSearchParams): void => {
    const kind = signIn ? OF_PERSONS : OF_APPS;
    const key = `${name} ${form.get('scope')}`;
    const before = signedInAt.get(key);
    signedInAt.set(key, clock.now());
    counts[kind.all]++;
    if (signIn && form.get('claims')?.includes(signIn.user.mark)) counts.challengesAnswered++;
    if (before === undefined) counts[kind.first]++;
    else if ((refusedAt(name) ?? 0) >= before) counts[kind.refused]++;
    // No app's token is refreshed in the first half of its life, no person's before its last minute.
    else if (clock.now() >= before + tokenLifeMs * (signIn ? 0.95 : 0.5)) counts[kind.late]++;
    else counts[kind.evicted]++;
  };
}

function check(url: URL, form: URLSearchParams, actor: Actor, { crossing }: Findings): void {
  const { of, signIn, name } = actor;
  if (!url.pathname.startsWith(`/${of.tenant.id}/`)) crossing(`${name} signs in at ${url.pathname}`);
  if (!url.pathname.endsWith('/token')) return;
  const app = signIn ? API : of;
  if (form.get('client_id') !== app.clientId) crossing(`${name} signs in as ${form.get('client_id')}`);
  if (form.get('client_secret') !== app.secret) crossing(`${name} signs in with another's secret`);
  if (signIn) checkExchange(form, signIn, name, crossing);
  else if (form.get('assertion') !== null) crossing(`${name} signs in with a person's token`);
}

function checkExchange(
  form: URLSearchParams,
  { user, assertion }: UserSignIn,
  name: string,
  crossing: Findings['crossing'],
): void {
  const sent = form.get('assertion');
  if (form.get('requested_token_use') !== 'on_behalf_of') crossing(`${name} has the app sign in as itself`);
  if (sent !== assertion) {
    const { oid, tid } = decodeJwt(sent ?? '');
    crossing(`${name} has the token of ${oid} in ${tid} exchanged`);
  }
  for (const other of othersIn(form.get('claims') ?? '', user))
    crossing(`${name} is asked what ${other} was asked`);
}

function checkIssued(token: string, { of, signIn, name }: Actor, { crossing }: Findings): void {
  const { tid, oid } = decodeJwt(token);
  const isRight = tid === of.tenant.id && (signIn === undefined || oid === signIn.user.id);
  if (!isRight) crossing(`${name} is issued a token of ${oid} in ${tid}`);
}
