import type { Column, HuntAnswer } from '../hunting/ports.ts';
import { createAnswerRows } from './answer-rows.ts';
import type { Call, StreamedAnswer } from './call.ts';
import { isRecord } from './raw-json.ts';
import { unusable } from './upstream-error.ts';
import { createUtf8Chunks } from './utf8-chunks.ts';

/** https://learn.microsoft.com/graph/api/resources/security-api-overview: 100,000 rows, 50 MB. */
const MOST_ROWS = 100_000;
/** Taken as decimal megabytes: whole answers are then suspected a little early, and cut ones never too late. */
const MOST_BYTES = 50_000_000;

/**
 * Reads the answer of a hunting query as it arrives. Rows are given on as soon as they are whole; whether the answer
 * is whole shows only at its end, and a body that is broken off or is not JSON throws.
 */
export function readHuntAnswer(call: Call, { chunks }: StreamedAnswer): HuntAnswer {
  const decoder = createUtf8Chunks();
  const parser = createAnswerRows();
  let columns: readonly Column[] | undefined;
  let around: Readonly<Record<string, unknown>> | undefined;
  let bytes = 0;
  let count = 0;

  function asJson<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof SyntaxError) throw unusable(call, 'not the JSON that is documented');
      throw error;
    }
  }

  async function* rows(): AsyncGenerator<readonly string[], void> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      const found = asJson(() => parser.push(decoder.push(chunk)));
      count += found.length;
      if (found.length > 0) yield found;
    }
    around = asJson(() => {
      decoder.end();
      return parser.end();
    });
    columns = columnsOf(around);
  }

  return {
    rows: rows(),
    schema() {
      columns ??= known(columnsOf(parser.soFar() ?? {}));
      return columns ?? [];
    },
    incomplete: () => around && whyIncomplete(around, count, bytes),
    bytes: () => bytes,
  };
}

const known = (columns: readonly Column[]): readonly Column[] | undefined =>
  columns.length > 0 ? columns : undefined;

/** Graph says `schema`, `name`, `type`; the Defender XDR API the same with capitals. */
function columnsOf(around: Readonly<Record<string, unknown>>): Column[] {
  const schema = member(around, 'schema');
  if (!Array.isArray(schema)) return [];
  return schema.filter(isRecord).flatMap((column) => {
    const name = member(column, 'name');
    const type = member(column, 'type');
    return typeof name === 'string' ? [{ name, type: typeof type === 'string' ? type : 'unknown' }] : [];
  });
}

function member(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(record).find(([key]) => key.toLowerCase() === name)?.[1];
}

/**
 * Members by which services on Kusto say that an answer is a part: `error` (PartialError of Log Analytics),
 * `Exceptions` and `OneApiErrors` of Kusto itself, and what else such a member may be called. A link to more would be
 * one, too.
 */
const SAYS_PART =
  /^(?:errors?|exceptions?|oneapierrors?|haserrors?|warnings?|partialerrors?|(?:is)?(?:partial|incomplete|truncated)(?:results?)?|@odata\.nextlink|nextlink)$/i;

function whyIncomplete(
  around: Readonly<Record<string, unknown>>,
  rows: number,
  bytes: number,
): string | undefined {
  if (rows >= MOST_ROWS) return `the answer has ${rows} rows, the most that the service gives`;
  if (bytes >= MOST_BYTES) return `the answer has ${bytes} bytes, as much as the service gives`;
  for (const [key, value] of Object.entries(around)) {
    if (SAYS_PART.test(key) && !isNothing(value)) return `the answer says "${key}": ${wordsOf(value)}`;
  }
  return undefined;
}

function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === false || value === '' || value === 0;
}

const MOST_WORDS = 300;

function wordsOf(value: unknown): string {
  const text = (JSON.stringify(value) ?? '').replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ');
  return text.length <= MOST_WORDS ? text : `${text.slice(0, MOST_WORDS)}…`;
}
