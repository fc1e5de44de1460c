import { z } from 'zod';
import type { SessionEvent } from '../../../lab/session/events.ts';
import { printable } from '../../output/display-text.ts';
import type { EventText } from './event-text.ts';

type Said = (SessionEvent & { readonly kind: 'said' })['entry'];

const BAD = new Set(['warning', 'error', 'critical']);
/** What the session tells in words of its own. */
const TOLD = 'preflight.done';
/** The app logs events as JSON objects; these fields say the most. */
const eventSchema = z.object({
  event: z.string(),
  code: z.string().optional(),
  cause: z.string().optional(),
});

/** The app's own words: its warnings and errors in short, or with `verbose` everything in full. */
export function appText({ level, functionName, message }: Said, verbose: boolean): EventText | undefined {
  const isBad = BAD.has(level);
  if (!isBad && !verbose) return undefined;
  const text = printable(verbose ? message : inShort(message));
  if (text === TOLD) return undefined;
  return { text: `${functionName ?? 'the app'}: ${text}`, tone: isBad ? 'bad' : 'plain' };
}

function inShort(message: string): string {
  try {
    const { event, code, cause } = eventSchema.parse(JSON.parse(message));
    return [event, code, cause].filter((part) => part !== undefined).join(', ');
  } catch {
    return message;
  }
}
