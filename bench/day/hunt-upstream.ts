import type { HuntAnswer, HuntCall, HuntSource } from '../../shared/hunting/ports.ts';
import type { HuntingQuery } from '../../shared/hunting/query.ts';
import type { Random } from '../../test/faults/random.ts';
import type { CallLog } from './upstream.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Milliseconds that the service takes to answer: from, and so much more at most. */
const TAKES = { from: 500, more: 4_000 } as const;
/** One answer in so many has rows, … */
const WITH_ROWS = 4;
/** … and of these rows one in so many is of a thing that was never seen. */
const NEW_ONES = 5;
const MOST_ROWS = 3;
const KNOWN_THINGS = 6;

/** Advanced hunting of all tenants: small answers with the columns that each query's findings are told apart by. */
export function createHuntUpstream({
  queries,
  time,
  random,
  calls,
}: {
  readonly queries: readonly Pick<HuntingQuery, 'text' | 'keys'>[];
  readonly time: VirtualTime;
  readonly random: Random;
  readonly calls: CallLog;
}): HuntSource {
  let things = 0;

  function rowsFor(columns: readonly string[]): readonly string[] {
    if (random.below(WITH_ROWS) > 0) return [];
    return Array.from({ length: 1 + random.below(MOST_ROWS) }, () => {
      const thing = random.below(NEW_ONES) === 0 ? `new ${++things}` : `known ${random.below(KNOWN_THINGS)}`;
      const values = columns.map((name) => [name, thing] as const);
      return JSON.stringify({ Timestamp: new Date(time.now()).toISOString(), ...Object.fromEntries(values) });
    });
  }

  return {
    async run({ tenant, text, turn, onCall }: HuntCall): Promise<HuntAnswer> {
      await turn?.();
      onCall?.();
      const sent = calls.get(tenant) ?? [];
      calls.set(tenant, sent);
      sent.push(time.now());
      await time.wait(TAKES.from + random.below(TAKES.more));
      const keys = queries.find((query) => text.endsWith(query.text))?.keys ?? [];
      const columns = keys.length > 0 ? keys : ['Thing'];
      const rows = rowsFor(columns);
      return {
        schema: () => ['Timestamp', ...columns].map((name) => ({ name, type: 'String' })),
        rows: (async function* () {
          yield rows;
        })(),
        incomplete: () => undefined,
        bytes: () => rows.reduce((sum, { length }) => sum + length, 200),
      };
    },
  };
}
