import { OutriderError } from '../../errors.ts';
import { pinClock, sliceText } from '../kql/edit-text.ts';
import type { CheckResult, HuntCall, HuntSource } from '../ports.ts';
import { clockOf, coveringTimespan, endsOf, type Span, spanOf } from './timespan.ts';
import { sentence } from './truncation.ts';

/** A query in one tenant, and what the check said of it. */
export interface CallInput {
  readonly tenant: string;
  readonly source: Pick<HuntSource, 'takesTimespan'>;
  readonly input: {
    readonly text: string;
    readonly check: Pick<CheckResult, 'slicing' | 'clockCalls'>;
    readonly timespan?: string | undefined;
  };
  /** What `now()` means in a text with a span in it, in milliseconds since 1970. */
  readonly beganMs: number;
}

/**
 * The span that must stand in the query's own text, since the endpoint takes none beside it; undefined where the query
 * is sent as it is.
 *
 * @throws OutriderError `request.invalid` when this query cannot be given one
 */
export function spanInText({ source, input, beganMs, tenant }: CallInput): Span | undefined {
  if (source.takesTimespan !== false || input.timespan === undefined) return undefined;
  const { slicing } = input.check;
  if (slicing.possible) return spanOf(input.timespan, beganMs);
  throw new OutriderError(
    'request.invalid',
    `The hunting endpoint of the Defender XDR API takes no timespan, and this query cannot be given one: ${sentence(slicing.reason)} Put a time filter into the query, or let tenant ${tenant} hunt through Microsoft Graph.`,
    { tenant },
  );
}

/** What is sent for a span, or without one for the whole query. */
export function callText(
  { source, input, beganMs }: CallInput,
  span: Span | undefined,
): Pick<HuntCall, 'text' | 'timespan'> {
  const { slicing, clockCalls } = input.check;
  if (!span || !slicing.possible) return { text: input.text, timespan: input.timespan };
  const pinned = pinClock(input.text, { slicing, clockCalls }, clockOf(beganMs));
  return {
    text: sliceText(pinned.text, pinned.slicing, endsOf(span)),
    ...(source.takesTimespan === false ? {} : { timespan: coveringTimespan(span) }),
  };
}
