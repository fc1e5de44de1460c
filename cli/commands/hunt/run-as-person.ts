import { systemClock as clock } from '../../../shared/clock.ts';
import { readConfig } from '../../../shared/config.ts';
import { isOutriderError } from '../../../shared/errors.ts';
import { createCheckedLibrary } from '../../../shared/hunting/ask/checked-library.ts';
import { huntAsUser, type UserHunt } from '../../../shared/hunting/ask/hunt-as-user.ts';
import { type HuntAsk, type PreparedHunt, prepareHunt } from '../../../shared/hunting/ask/prepare-hunt.ts';
import { createKqlService } from '../../../shared/hunting/kql/service.ts';
import { createLibrarySource } from '../../../shared/hunting/library/shipped-library.ts';
import type { HuntSource } from '../../../shared/hunting/ports.ts';
import type { Quota } from '../../../shared/hunting/quota/quota.ts';
import { once } from '../../../shared/once.ts';
import { counted } from '../../output/amounts.ts';
import { messageOf } from '../../output/failure.ts';
import { createProgress } from '../../output/progress.ts';
import { createScreen } from '../../output/screen.ts';
import { createPersonSources } from '../../sign-in/person-sources.ts';
import { type PlaceToRead, placesOfPerson } from '../../sign-in/person-tenants.ts';
import type { SignedInAs } from '../../sign-in/sign-in-as.ts';
import { type RowsOutput, type RowsSource, withTenant, writeRows } from './rows-output.ts';

/** As much as Microsoft sends in one answer: https://learn.microsoft.com/defender-xdr/api-advanced-hunting */
const MOST_CHARS = 50 * 1024 * 1024;

/** One call by one person needs no share: the service counts, and says so when it is too much. */
const NO_SHARE: Quota = { take: async () => {}, park: async () => {} };

export interface PersonHunt {
  readonly as: SignedInAs & { readonly person: NonNullable<SignedInAs['person']> };
  readonly ask: HuntAsk;
  readonly where: { readonly tenant?: string | undefined; readonly all?: boolean };
  readonly output: RowsOutput;
}

/**
 * Hunts in the name of the signed-in person: each tenant is asked directly, in one call, and nothing is stored.
 *
 * @returns whether all rows of all tenants are there
 */
export async function huntAsPerson({ as, ask, where, output }: PersonHunt): Promise<boolean> {
  const places = await placesOfPerson(readConfig(), as, where);
  const kql = once(() => createKqlService());
  const library = createCheckedLibrary({ source: createLibrarySource({ now: () => new Date() }), kql });
  try {
    const hunt = await prepareHunt({ library, kql }, ask);
    return await huntIn(places, hunt, createPersonSources(as).hunting, output);
  } finally {
    await kql().close();
  }
}

async function huntIn(
  places: readonly PlaceToRead[],
  hunt: PreparedHunt,
  sourceOf: (api: 'graph' | 'xdr') => HuntSource,
  output: RowsOutput,
): Promise<boolean> {
  const progress = createProgress(createScreen(process.stderr), 'tenants');
  const found: RowsSource[] = [];
  let whole = true;
  try {
    for (const [index, { id, name, huntingApi = 'graph' }] of places.entries()) {
      progress.set('hunting', index, places.length);
      try {
        const source = sourceOf(huntingApi);
        const answer = await huntAsUser({ source, quota: NO_SHARE, clock }, id, hunt, {
          mostChars: MOST_CHARS,
        });
        found.push(sourceOfRows(answer, places.length > 1 ? name : undefined));
        whole &&= answer.state === 'succeeded';
        progress.line(`${name}: ${wordsOf(answer)}`);
      } catch (error) {
        whole = false;
        progress.line(`${name}: ${troubleOf(error)}`);
      }
    }
  } finally {
    progress.stop();
  }
  await writeRows(found, output);
  return whole;
}

function sourceOfRows({ rows }: UserHunt, tenant: string | undefined): RowsSource {
  const shown = tenant === undefined ? rows : rows.map((row) => withTenant(row, tenant));
  return {
    count: rows.length,
    pages: async function* () {
      yield shown;
    },
  };
}

function wordsOf({ state, rows, truncation }: UserHunt): string {
  const amount = `${state}, ${counted(rows.length, 'row')}`;
  return truncation ? `${amount}. CUT OFF. ${truncation.text} ${forCommandLine(truncation.advice)}` : amount;
}

function troubleOf(error: unknown): string {
  const text = forCommandLine(messageOf(error));
  const said = isOutriderError(error) ? error.facts.serviceMessage : undefined;
  return said ? `${text} Microsoft says: ${said}` : text;
}

/** The advice speaks of requests to the API. */
const forCommandLine = (text: string): string => text.replaceAll('(without actAs)', '(--as app)');
