import type { Random } from '../../lab/defender/random.ts';
import { isOutriderError } from '../../shared/errors.ts';
import type { HuntAnswer, HuntSource } from '../../shared/hunting/ports.ts';
import type { Actor } from './actor.ts';
import type { Findings } from './findings.ts';
import { NO_PERSON } from './hunt-stand-in.ts';
import type { SteadyClock } from './steady-clock.ts';

/** Hunts in the actor's name: every row must be an answer to this very query by this very actor. */
export function createHunts({
  clock,
  random,
  findings,
}: {
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly findings: Findings;
}) {
  const { counts } = findings;

  /** Who is refused for the quota asks again when there is some: a hunt's own runs do so, too. */
  async function ask(source: HuntSource, tenant: string, text: string): Promise<HuntAnswer> {
    try {
      return await source.run({ tenant, text });
    } catch (error) {
      if (!isOutriderError(error, 'hunt.call_quota')) throw error;
      await clock.sleep(error.facts.retryAfterMs ?? 0);
      return ask(source, tenant, text);
    }
  }

  return async ({ of, signIn, name }: Actor, source: HuntSource): Promise<void> => {
    const person = signIn?.user.mark ?? NO_PERSON;
    const text = `DeviceEvents | where Note == "${of.mark} ${person} ${random.hex(8)}"`;
    const answer = await ask(source, of.tenant.id, text);
    for await (const rows of answer.rows) {
      for (const row of rows) {
        const { Tenant, Person, Query } = JSON.parse(row) as Record<string, unknown>;
        counts.huntRows++;
        if (Tenant === of.mark && Person === person && Query === text) continue;
        findings.crossing(`${name} finds a row of ${String(Tenant)} and ${String(Person)}`);
      }
    }
    counts.hunts++;
    if (signIn) counts.personHunts++;
  };
}
