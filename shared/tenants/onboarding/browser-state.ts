import { createHmac } from 'node:crypto';
import { isGuid } from '../../text.ts';
import { isSecret, sameText } from './link-secret.ts';

/** A browser has so long to come back from the consent page. */
export const COOKIE_SECONDS = 3_600;

/** What a browser that opened a link is given: one part it keeps, the other travels through the consent page. */
export interface BrowserState {
  readonly cookie: string;
  readonly state: string;
}

/** What a browser brings back. */
export interface Returned {
  readonly cookie: string | undefined;
  readonly state: string | undefined;
}

/** Whose return it is, if the invitation knows the key. */
export interface ReturnClaim {
  /** Id of the invitation. */
  readonly id: string;
  /** The browser's key: the invitation has its hash. */
  readonly key: string;
}

/**
 * The key of the browsers that have opened the link. It cannot be had without the link's secret and does not give it
 * away; nor can either be had from what is stored, the hashes of both.
 */
export const browserKeyOf = (secret: string): string => mac(secret, 'outrider onboarding browser');

/** @param nonce a new secret for each opening of the link */
export function newBrowserState({
  id,
  secret,
  nonce,
  nowMs,
}: {
  readonly id: string;
  readonly secret: string;
  readonly nonce: string;
  readonly nowMs: number;
}): BrowserState {
  const key = browserKeyOf(secret);
  const issued = Math.floor(nowMs / 1_000).toString(36);
  return { cookie: `${issued}.${nonce}.${key}`, state: `${id}.${mac(key, `${id}.${issued}.${nonce}`)}` };
}

/**
 * Whether cookie and state were made for one another, for one opening of one link, less than an hour ago. That the key
 * is the invitation's remains to be checked: whoever makes up a key can make all the rest.
 *
 * @returns undefined for anything else
 */
export function readReturn({ cookie = '', state = '' }: Returned, nowMs: number): ReturnClaim | undefined {
  const [issued = '', nonce = '', key = '', ...more] = cookie.split('.');
  const [id = '', proof = '', ...others] = state.split('.');
  if (more.length > 0 || others.length > 0 || !isGuid(id) || id !== id.toLowerCase()) return undefined;
  if (![nonce, key, proof].every(isSecret) || !/^[0-9a-z]{6,7}$/.test(issued)) return undefined;
  const ageSeconds = Math.floor(nowMs / 1_000) - Number.parseInt(issued, 36);
  // Instances' clocks may differ by a little.
  if (ageSeconds > COOKIE_SECONDS || ageSeconds < -60) return undefined;
  return sameText(proof, mac(key, `${id}.${issued}.${nonce}`)) ? { id, key } : undefined;
}

function mac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
