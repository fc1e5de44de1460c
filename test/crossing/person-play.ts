import { decodeJwt } from 'jose';
import type { Person } from '../../cli/sign-in/person.ts';
import { createRandom } from '../../lab/defender/random.ts';
import { mapLimit } from '../../shared/concurrency.ts';
import { createGuestLab, type Guest, objectIdIn, PLACES, type Place } from './guest-lab.ts';

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

const AT_ONCE = 64;
/** As if a person ran so many commands at once. */
const COMMANDS = 4;
const TOKENS_A_ROUND = 128;
const ANEW_SHARE = 0.1;

/** Two persons, signed in once at the command line, have tokens for many tenants whose guests they are, all at once. */
export async function playPersons({ rounds, seed }: PersonPlay): Promise<PersonResult> {
  const random = createRandom(seed);
  const crossings: string[] = [];
  const troubles: string[] = [];
  const counts = { tokens: 0, requests: 0, kept: 0 };
  const guests = await createGuestLab({ random, counts });
  const commands = guests.flatMap((guest) =>
    Array.from({ length: COMMANDS }, () => ({ guest, person: guest.newCommand() })),
  );

  async function ask({ number }: Guest, person: Person, place: Place, anew: boolean): Promise<void> {
    const { tenant, scope } = place;
    try {
      const { text } = await person.token({ scopes: [scope], tenant, audience: scope, again: 'login', anew });
      counts.tokens++;
      const { tid, oid, aud } = decodeJwt(text);
      if (tid === tenant && oid === objectIdIn(place, number) && scope === `${aud}/.default`) return;
      crossings.push(`person-${number} asks for ${scope} in ${tenant} and gets ${aud} of ${oid} in ${tid}`);
    } catch (error) {
      troubles.push(`person-${number} in ${tenant}: ${error}`);
    }
  }

  /** One command of each person has all tokens. */
  async function askForAll(): Promise<void> {
    for (const guest of guests) {
      const person = guest.newCommand();
      await mapLimit(PLACES, AT_ONCE, (place) => ask(guest, person, place, false));
    }
  }

  await askForAll();
  for (let round = 0; round < rounds && crossings.length === 0; round++) {
    await mapLimit(Array(TOKENS_A_ROUND).fill(undefined), AT_ONCE, () => {
      const { guest, person } = random.pick(commands);
      return ask(guest, person, random.pick(PLACES), random.chance(ANEW_SHARE));
    });
  }
  const before = counts.requests;
  await askForAll();
  return { ...counts, forgotten: counts.requests - before, crossings, troubles };
}
