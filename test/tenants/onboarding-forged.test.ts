import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import {
  type BrowserState,
  browserKeyOf,
  newBrowserState,
} from '../../shared/tenants/onboarding/browser-state.ts';
import { createOnboardingRig, GRAPH_ROLES, type OnboardingRig } from './onboarding-rig.ts';
import { guid } from './registry-rig.ts';

const RUNS = 10_000;
const CUSTOMER = guid(1);

let rig: OnboardingRig;
/** What an attacker may have: links and browsers of their own, somebody else's state, and ids of invitations. */
let stolen: readonly BrowserState[] = [];
let links: readonly string[] = [];
let victim: BrowserState;
let victimLink = '';
/** Everything that gets through. */
const sound = new Set<string>();

beforeAll(async () => {
  rig = createOnboardingRig();
  rig.consents.set(CUSTOMER, { graph: GRAPH_ROLES });
  const [first, second] = [await rig.invite(), await rig.invite()];
  victimLink = first.link;
  victim = await rig.opened(first.link);
  const own = await rig.opened(second.link);
  const again = await rig.opened(second.link);
  const nowMs = rig.clock.now();
  const [id = '', secret = ''] = second.link.split('.');
  // Made with one's own secret in the name of another's invitation, and with times of one's own.
  const inOthersName = newBrowserState({ id: first.id, secret, nonce: secret, nowMs });
  const old = newBrowserState({ id, secret, nonce: secret, nowMs: nowMs - 3_700_000 });
  const early = newBrowserState({ id, secret, nonce: secret, nowMs: nowMs + 3_700_000 });
  stolen = [{ cookie: '', state: victim.state }, own, again, inOthersName, old, early];
  links = [second.link, first.id, `${first.id}.${secret}`, `${first.id}.${browserKeyOf(secret)}`];
  for (const each of [own, again]) sound.add(`${each.cookie} ${each.state}`);
});

const PARTS = fc.string({ unit: fc.constantFrom(...'AZaz09-_.=%;+/ '), maxLength: 60 });

/** A text with a place changed, cut, doubled or put in. */
function spoilt(text: string): fc.Arbitrary<string> {
  const at = fc.nat(Math.max(0, text.length - 1));
  const letter = fc.constantFrom(...'AZaz09-_.=\u0000é ');
  return fc.oneof(
    fc.tuple(at, letter).map(([place, by]) => text.slice(0, place) + by + text.slice(place + 1)),
    fc.tuple(at, letter).map(([place, by]) => text.slice(0, place) + by + text.slice(place)),
    at.map((place) => text.slice(0, place)),
    at.map((place) => text.slice(place)),
    fc.constant(text + text),
    fc.constant(text.toUpperCase()),
  );
}

/** Parts of what there is, put together anew. */
const mixed = (texts: readonly string[]): fc.Arbitrary<string> => {
  const parts = fc.constantFrom(...texts.flatMap((text) => text.split('.')), '', 'x');
  return fc.array(parts, { minLength: 1, maxLength: 4 }).map((all) => all.join('.'));
};

const forgedOf = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...texts), fc.constantFrom(...texts).chain(spoilt), mixed(texts), PARTS);

/** An id in other letter case is the same id: with its own secret it is no forgery. */
const sameId = (text: string): string => text.replace(/^[^.]*/, (id) => id.toLowerCase());

it('no made-up state, cookie or link gets through: nothing is written, and nobody is asked anything', async () => {
  const before = rig.events.length;
  const states = forgedOf([victim.state, ...stolen.map(({ state }) => state)]);
  const cookies = forgedOf(stolen.map(({ cookie }) => cookie));
  const rows = JSON.stringify(await rig.invitations.list());
  let through = 0;
  await fc.assert(
    fc.asyncProperty(states, cookies, forgedOf(links), async (state, cookie, link) => {
      // Whoever has a link of their own may use that.
      if (!sound.has(`${cookie} ${sameId(state)}`)) {
        expect((await rig.back({ cookie, state }, CUSTOMER)).kind).toBe('not_this_browser');
      } else through += 1;
      if (sameId(link) === links[0]) return;
      expect((await rig.onboarding.open(link, rig.by.log)).kind).toBe('unknown_link');
    }),
    { numRuns: RUNS, seed: 6 },
  );
  expect(JSON.stringify(await rig.invitations.list())).toBe(rows);
  expect([rig.asked, rig.activated, await rig.registry.list()]).toEqual([
    [],
    [],
    { records: [], unreadable: [] },
  ]);
  expect(rig.events.slice(before).every(({ event }) => event === 'tenant.invitation_refused')).toBe(true);
  expect(through).toBeLessThan(RUNS / 20);
  // All of it with the real ones beside: those do get through.
  expect(await rig.back(victim, CUSTOMER)).toMatchObject({ kind: 'connected' });
  expect(await rig.onboarding.open(victimLink, rig.by.log)).toMatchObject({ kind: 'closed' });
});
