import { expect, it } from 'vitest';
import { PERSONS } from './guest-lab.ts';
import { LIGHT_PERSON_PLAY, playPersons, WHOLE_PERSON_PLAY } from './person-play.ts';

it('never gives a person at the command line the token of another tenant, 64 asked for at once', async () => {
  const play = process.env.CI ? WHOLE_PERSON_PLAY : LIGHT_PERSON_PLAY;
  const { rounds } = play;
  const { tokens, requests, kept, forgotten, crossings, troubles } = await playPersons(play);
  expect(crossings).toEqual([]);
  expect(troubles).toEqual([]);
  expect(tokens).toBe(128 * (rounds + 1));
  // From the cache and from sign-in, and what came from sign-in is there for the next command.
  expect(requests).toBeGreaterThan(64 + 128 * rounds * 0.05);
  expect(requests).toBeLessThan(tokens / 2);
  expect(kept).toBe(requests - PERSONS);
  expect(forgotten).toBe(0);
});
