import type { SessionEvent } from '../../../lab/session/events.ts';
import { printable } from '../../output/display-text.ts';
import type { EventText } from './event-text.ts';

const BAD = new Set(['warning', 'error', 'critical']);

/** The app's own words: its warnings and errors, or with `verbose` all of them. */
export function appText(
  { level, functionName, message }: (SessionEvent & { readonly kind: 'said' })['entry'],
  verbose: boolean,
): EventText | undefined {
  const isBad = BAD.has(level);
  if (!isBad && !verbose) return undefined;
  return { text: `${functionName ?? 'the app'}: ${printable(message)}`, tone: isBad ? 'bad' : 'plain' };
}
