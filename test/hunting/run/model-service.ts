import type { PipelineRequest } from '@azure/core-rest-pipeline';
import type { HuntRequest } from '../../../shared/hunting/run/types.ts';
import { ticksFromPadded } from '../../../shared/time.ts';
import type { Reply } from '../../clients/fake-wire.ts';

/** A row of the model's one table: its time in ticks never changes. */
export interface ModelRow {
  readonly ticks: bigint;
  readonly text: string;
}

/** How the model behaves where the documents are silent, and its limits. */
export interface ModelSettings {
  readonly includesStart: boolean;
  readonly includesEnd: boolean;
  /** An answer with more rows is cut, or refused. */
  readonly limit: number;
  readonly overLimit: 'cutAndSaid' | 'cut' | 'refusedForSize' | 'refusedForTime' | 'refusedForResources';
}

export const QUERY = 'T | where Timestamp < now()';
/** What the check says of it. */
export const CHECK: HuntRequest['check'] = {
  diagnostics: [],
  slicing: { possible: true, column: 'Timestamp', table: 'T', insertAt: 1 },
  clockCalls: [{ kind: 'now', start: QUERY.indexOf('now()'), length: 5 }],
};

const SLICE = /\| where Timestamp >= datetime\(([^)]+)\) and Timestamp < datetime\(([^)]+)\)/;
const PINNED = /where Timestamp < datetime\(([^)]+)\)$/;
const DAY_TICKS = 864_000_000_000n;

const MESSAGES = {
  refusedForSize: 'Query execution has exceeded the allowed result size.',
  refusedForTime: 'Query exceeded the timeout period.',
  refusedForResources: 'Query execution has exceeded the allowed limits. The query execution was preempted.',
} as const;

/** Answers `runHuntingQuery` from fixed rows, as the clock stands. */
export function createModelService(
  rows: readonly ModelRow[],
  { includesStart, includesEnd, limit, overLimit }: ModelSettings,
  now: () => number,
): (request: PipelineRequest) => Reply {
  const nowTicks = () => BigInt(now()) * 10_000n;

  function inTimespan(timespan: string | undefined): (ticks: bigint) => boolean {
    const [start = '', end = ''] = timespan?.split('/') ?? [];
    const days = /^P(\d+)D$/.exec(start)?.[1];
    const to = end === '' ? nowTicks() : ticksFromPadded(end);
    const from =
      timespan === undefined || days !== undefined
        ? to - BigInt(days ?? 30) * DAY_TICKS
        : ticksFromPadded(start);
    return (ticks) =>
      (includesStart ? ticks >= from : ticks > from) && (includesEnd ? ticks <= to : ticks < to);
  }

  return (request) => {
    const { Query, Timespan } = JSON.parse(String(request.body)) as { Query: string; Timespan?: string };
    const slice = SLICE.exec(Query);
    const [from, to] = slice
      ? [ticksFromPadded(slice[1] ?? ''), ticksFromPadded(slice[2] ?? '')]
      : [0n, 1n << 62n];
    const pinned = PINNED.exec(Query)?.[1];
    const before = pinned === undefined ? nowTicks() : ticksFromPadded(pinned);
    const within = inTimespan(Timespan);
    const found = rows.filter(({ ticks }) => ticks >= from && ticks < to && ticks < before && within(ticks));
    if (found.length <= limit) return { body: bodyOf(found, '') };
    if (overLimit === 'cutAndSaid')
      return { body: bodyOf(found.slice(0, limit), ',"error":{"code":"PartialError"}') };
    if (overLimit === 'cut') return { body: bodyOf(found.slice(0, limit), '') };
    return { status: 400, body: { error: { code: 'BadRequest', message: MESSAGES[overLimit] } } };
  };
}

function bodyOf(rows: readonly ModelRow[], more: string): string {
  return `{"schema":[{"name":"Timestamp","type":"DateTime"},{"name":"N","type":"Int64"}],"results":[${rows.map(({ text }) => text).join(',')}]${more}}`;
}
