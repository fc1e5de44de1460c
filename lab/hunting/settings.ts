/**
 * How the lab's advanced hunting behaves where Microsoft's documents are silent, and its limits. Flat, so that
 * the lab's control interface can show and change them like the other settings of Defender.
 *
 * [D] documented: learn graph/api/resources/security-api-overview, security-security-runhuntingquery,
 * defender-xdr/api-advanced-hunting. [L] seen live by somebody and published. [A] assumed: nobody says.
 */
export interface HuntSettings {
  /** Most rows of an answer; what is beyond is cut [D 100,000]. null: no limit. */
  huntRowLimit: number | null;
  /** Most bytes of an answer [D 50 MB; A that MB means 2^20 bytes and that the rows count]. null: no limit. */
  huntByteLimit: number | null;
  /** What happens above `huntByteLimit`: 400 with the documented message [D], or cut like rows. */
  huntOverBytes: 'refuse' | 'cut';
  /** Longest run time of a query in milliseconds [D 3 minutes, "then an error"]. null: no limit. */
  huntRunLimitMs: number | null;
  /** The error of a query that runs too long [L 504 UnknownError without a message]. */
  huntTimeoutStatus: 400 | 408 | 500 | 504;
  /** Run time of a query, never really waited for; a query's own rule comes first. */
  huntRunMs: number;
  /** Calls a minute of a tenant, whatever app and endpoint they come through [D 45 at least]. null: no limit. */
  huntCallsPerMinute: number | null;
  /** Calls an hour of a tenant; documented for the older Defender for Endpoint API only (1,500). null: no limit. */
  huntCallsPerHour: number | null;
  /** CPU time that a tenant may use in a cycle [D that there is a share by size; A how much]. null: no limit. */
  huntCpuMsPerCycle: number | null;
  /** Length of a cycle [D 15 minutes; A that cycles begin at the full quarter of the hour]. */
  huntCpuCycleMs: number;
  /** CPU time of one query [A]; a query's own rule comes first. */
  huntCpuMs: number;
  /** Whether a hunting 429 carries `Retry-After` [D in general for Graph; A for hunting]. */
  huntRetryAfter: boolean;

  /**
   * How an answer that was cut, or is told to be incomplete, says so [A]: not at all; by a member named `exceptions`
   * or `error` beside the rows, as services on Kusto do; by a `Warning` header; by status 206.
   */
  huntCutSays: 'nothing' | 'exceptions' | 'error' | 'header' | 'status';
  /** Which ends of the body's `Timespan` belong to it [A]; the query's own comparisons mean what they say. */
  huntTimespanEnds: 'both' | 'start' | 'end' | 'neither';
  /** A `Timespan` that is longer than 30 days [A]: its newest 30 days, or 400. */
  huntLongTimespan: 'cut' | 'refuse';
  /** How far back there is data, in milliseconds [D 30 days]. */
  huntRetentionMs: number;

  /** Where `schema` stands [D in the samples: first]. */
  huntSchemaPlace: 'first' | 'last';
  /** Which columns carry `@odata.type` in Graph's rows [L int64]; `all`: also times, decimals and rows. */
  huntAnnotations: 'int64' | 'all' | 'none';
  /** Columns of type dynamic [A]: their JSON as a text, or as JSON. */
  huntDynamic: 'text' | 'json';
  /** Columns of type bool [A]: `true` with the type Boolean, or 1 with the type SByte, as Kusto itself has it. */
  huntBools: 'boolean' | 'sbyte';
  /** Fraction digits of times [L seven]; `trimmed`: without trailing zeros. */
  huntTimeDigits: 7 | 'trimmed';
  /** Order of rows [A]: by time, newest first, or none. A query's own sort by time comes first. */
  huntOrder: 'time' | 'newest' | 'none';
  /** Rows carry a column that the schema does not name [A]. */
  huntExtraColumn: boolean;

  /** Rows of a query in an hour; null: drawn from the query, none for some. A query's own rule comes first. */
  huntRowsPerHour: number | null;
  /**
   * Rows of a query that has any in an hour, from the hour on in which the lab has started; null: no more than before.
   * Lets whoever watches see new findings within minutes.
   */
  huntLivePerHour: number | null;
  /** Least length of a generated row in bytes; null: as it comes. */
  huntRowBytes: number | null;
  /** Row times are multiples of so many milliseconds, so that many are equal; null: any time. */
  huntTimeGridMs: number | null;
  /** Share of rows that are about one of a few entities which come again and again, 0 to 1. */
  huntRepeatShare: number;
  /** Share of rows that become visible late, 0 to 1, and how late at most, in milliseconds [D up to an hour]. */
  huntLateShare: number;
  huntLateMs: number;

  /** Whether comparing a string column with a number is refused, as Kusto does. */
  huntStrictTypes: boolean;
  /** Whether a body without `charset=utf-8` is read as Windows-1252 [D that the header is needed; A the rest]. */
  huntNeedsCharset: boolean;
  /** When the Defender XDR API stops answering hunts [D 1 February 2027], ISO 8601; null: never. */
  huntLegacyEndsAt: string | null;
  /** What it answers then [A]. */
  huntLegacyEndStatus: 403 | 404 | 410;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What documents and published observations suggest. */
export function defaultHuntSettings(): HuntSettings {
  return {
    huntRowLimit: 100_000,
    huntByteLimit: 50 * 1024 * 1024,
    huntOverBytes: 'refuse',
    huntRunLimitMs: 3 * MINUTE,
    huntTimeoutStatus: 504,
    huntRunMs: 400,
    huntCallsPerMinute: 45,
    huntCallsPerHour: null,
    huntCpuMsPerCycle: 150_000,
    huntCpuCycleMs: 15 * MINUTE,
    huntCpuMs: 200,
    huntRetryAfter: true,
    huntCutSays: 'nothing',
    huntTimespanEnds: 'both',
    huntLongTimespan: 'cut',
    huntRetentionMs: 30 * DAY,
    huntSchemaPlace: 'first',
    huntAnnotations: 'int64',
    huntDynamic: 'text',
    huntBools: 'boolean',
    huntTimeDigits: 7,
    huntOrder: 'time',
    huntExtraColumn: false,
    huntRowsPerHour: null,
    huntLivePerHour: null,
    huntRowBytes: null,
    huntTimeGridMs: null,
    huntRepeatShare: 0.4,
    huntLateShare: 0,
    huntLateMs: 60 * MINUTE,
    huntStrictTypes: true,
    huntNeedsCharset: true,
    huntLegacyEndsAt: '2027-02-01T00:00:00Z',
    huntLegacyEndStatus: 404,
  };
}
