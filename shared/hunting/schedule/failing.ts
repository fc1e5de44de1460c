import type { OutriderError } from '../../errors.ts';
import type { QueryFailure, QueryState } from '../findings/query-state.ts';

/** The state has room for so much of a text. */
const MOST_TEXT = 2_000;

/** The state's failure after one more: since when, how often, why, and what to do. */
export function failingWith(
  { failing }: Pick<QueryState, 'failing'>,
  { code, message }: OutriderError,
  nowMs: number,
  run?: string | undefined,
): QueryFailure {
  const text = message.length > MOST_TEXT ? `${message.slice(0, MOST_TEXT - 1)}…` : message;
  return {
    code,
    text: text.toWellFormed(),
    sinceMs: failing?.sinceMs ?? nowMs,
    atMs: nowMs,
    count: (failing?.count ?? 0) + 1,
    run,
  };
}
