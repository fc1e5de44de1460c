import type { ErrorCode } from '../errors.ts';
import type { SignInAnswer } from './exchange.ts';

/**
 * What the numbers behind `AADSTS` mean when a user's token is exchanged. Numbers and meanings from
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes; 500131 and 500133 as the service's own
 * texts have them. A number that is about the app and not the user is left to the table of the app's own sign-in.
 */
const MEANINGS: Readonly<Record<number, ErrorCode>> = {
  65001: 'user.consent_missing',
  65004: 'user.consent_missing',
  90094: 'user.consent_missing',
  90008: 'user.consent_missing',
  650056: 'user.consent_missing',
  650057: 'user.consent_missing',

  50105: 'user.not_assigned',

  50013: 'user.assertion_refused',
  50027: 'user.assertion_refused',
  500131: 'user.assertion_refused',
  240002: 'user.assertion_refused',
  500133: 'user.assertion_expired',

  53003: 'user.access_blocked',
  53004: 'user.access_blocked',
  53011: 'user.access_blocked',
  530032: 'user.access_blocked',
  50053: 'user.access_blocked',
  50057: 'user.access_blocked',
  50020: 'user.access_blocked',
  50034: 'user.access_blocked',
  51004: 'user.access_blocked',

  50055: 'user.interaction_required',
  50058: 'user.interaction_required',
  50072: 'user.interaction_required',
  50074: 'user.interaction_required',
  50076: 'user.interaction_required',
  50078: 'user.interaction_required',
  50079: 'user.interaction_required',
  50089: 'user.interaction_required',
  50097: 'user.interaction_required',
  50129: 'user.interaction_required',
  50132: 'user.interaction_required',
  50133: 'user.interaction_required',
  50144: 'user.interaction_required',
  50158: 'user.interaction_required',
  50173: 'user.interaction_required',
  70043: 'user.interaction_required',
};

/** Refused for the device: another one may do, so a challenge is worth handing on; without one the way is barred. */
const OF_THE_DEVICE: ReadonlySet<number> = new Set([53000, 53001, 53002, 53009]);

/** OAuth errors that ask for the user: https://openid.net/specs/openid-connect-core-1_0.html#AuthError */
const ASKS_FOR_USER: ReadonlySet<string> = new Set(['interaction_required', 'login_required']);

/**
 * The code of an answer that is about the user; undefined for any other. By number, then the challenge, then OAuth
 * error; never by text.
 */
export function userCodeOf({
  number,
  status = 0,
  fault,
  error,
  suberror,
  claims,
}: SignInAnswer): ErrorCode | undefined {
  if (fault !== undefined || status === 429 || status >= 500) return undefined;
  const meaning = number === undefined ? undefined : MEANINGS[number];
  if (meaning !== undefined && meaning !== 'user.interaction_required') return meaning;
  if (suberror === 'consent_required' || error === 'consent_required') return 'user.consent_missing';
  if (claims !== undefined) return 'user.claims_required';
  if (number !== undefined && OF_THE_DEVICE.has(number)) return 'user.access_blocked';
  return (
    meaning ?? (error !== undefined && ASKS_FOR_USER.has(error) ? 'user.interaction_required' : undefined)
  );
}
