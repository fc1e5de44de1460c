import { isOutriderError, type OutriderError } from '../../errors.ts';
import type { Slicing } from '../ports.ts';
import { ANSWER_LIMITS } from '../ports.ts';
import type { Cut } from './record.ts';
import type { Truncation } from './types.ts';

/** Spans that are named; of more the number is. */
const MOST_SPANS = 20;

/** Why an answer, or the lack of one, is not all that there is. */
export interface Shortfall {
  readonly reason: Truncation['reason'];
  readonly words: string;
}

/** An answer that says, or by its size shows, that it is not whole. */
export function shortfallOf(words: string, rows: number): Shortfall {
  if (rows >= ANSWER_LIMITS.rows) return { reason: 'rows', words };
  return { reason: /\bbytes\b/.test(words) ? 'bytes' : 'service', words };
}

/** The service's refusals that a smaller slice may escape; undefined for all others. */
export function limitOf(error: unknown): (Shortfall & { readonly error: OutriderError }) | undefined {
  if (!isOutriderError(error)) return undefined;
  const words = error.message;
  switch (error.code) {
    case 'hunt.time_limit':
      return { reason: 'time', words, error };
    case 'hunt.result_too_large':
      return { reason: 'bytes', words, error };
    case 'hunt.resources_exceeded':
      return { reason: 'resources', words, error };
    default:
      return undefined;
  }
}

/** The cut with one more span in it; `span` undefined where the run was not sliced. */
export function cutWith(cut: Cut | undefined, { reason, words }: Shortfall, span: string | undefined): Cut {
  const before = cut ?? { reason, words, count: 0, spans: [] };
  const spans =
    span === undefined || before.spans.length >= MOST_SPANS ? before.spans : [...before.spans, span];
  return { ...before, count: before.count + 1, spans };
}

/** The check's reasons are parts of a sentence. */
export const sentence = (reason: string): string => `${reason.replace(/[.\s]+$/, '')}.`;

/** What people are told about it. */
export function truncationOf({ reason, words, count, spans }: Cut, slicing: Slicing): Truncation {
  const inSlices = spans.length > 0 ? ` In ${count} of its time slices rows are missing.` : '';
  return {
    reason,
    text: `Not all rows are here: ${sentence(words)}${inSlices}`,
    advice: adviceFor(reason, slicing),
    ...(spans.length > 0 ? { spans } : {}),
  };
}

function adviceFor(reason: Truncation['reason'], slicing: Slicing): string {
  if (reason === 'maxRows') return 'Ask for more rows (maxRows), narrow the timespan, or filter more.';
  if (!slicing.possible) {
    return `Outrider could not read the query in slices of time: ${sentence(slicing.reason)} Narrow the timespan, filter more at the source table, or summarize so that fewer rows come out.`;
  }
  return 'Slices of time did not help: narrow the timespan, filter more, project fewer columns, or summarize.';
}
