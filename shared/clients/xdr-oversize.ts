import { isOutriderError } from '../errors.ts';
import type { Call } from './call.ts';
import { type RawPage, readPage, usable } from './pages.ts';
import type { Transport } from './transport.ts';

/**
 * One page of the incident list. A single incident that is too large to be read, alerts inline as they are, comes as
 * its own members alone: what the answer says before the alerts. `partial` says so; the sync stores it with the fact
 * that its alerts are missing, and tries again by id.
 *
 * @throws OutriderError `upstream.too_large` while fewer incidents for a page might help
 */
export async function readIncidents(
  transport: Transport,
  call: Call,
  top: number,
): Promise<{ readonly page: RawPage; readonly partial: boolean }> {
  try {
    return { page: await readPage(transport, call), partial: false };
  } catch (error) {
    if (top > 1 || !isOutriderError(error, 'upstream.too_large')) throw error;
    const answer = await transport.send({ ...call, beginningOnly: true });
    const element = usable(call, () => withoutAlerts(answer.text));
    if (element === undefined) throw error;
    return { page: { call, answer, elements: [element], nextLink: undefined }, partial: true };
  }
}

const ALERTS_KEY = /,\s*"alerts"\s*:/g;

/** The first incident of a cut-off page as far as its alerts; undefined when they are not within what was read. */
function withoutAlerts(text: string): string | undefined {
  const begin = text.indexOf('{', text.indexOf('"value"'));
  if (begin < 1) return undefined;
  ALERTS_KEY.lastIndex = begin;
  // The same characters may stand in a comment: only where what precedes is whole, it is the member.
  for (let match = ALERTS_KEY.exec(text); match; match = ALERTS_KEY.exec(text)) {
    const candidate = `${text.slice(begin, match.index)}}`;
    if (isObject(candidate)) return candidate;
  }
  return undefined;
}

function isObject(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
