import { createHash, timingSafeEqual } from 'node:crypto';
import { isGuid } from '../../text.ts';

/** 256 bits, in base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const SECRET_BYTES = 32;
const ID_CHARS = 36;

/** What an invitation's link carries: which one it is, and the proof of having been given it. */
export interface LinkSecret {
  /** Id of the invitation. Not secret. */
  readonly id: string;
  readonly secret: string;
}

/** @param random cryptographically random bytes */
export function newSecret(random: (bytes: number) => Buffer): string {
  return random(SECRET_BYTES).toString('base64url');
}

export const linkTextOf = ({ id, secret }: LinkSecret): string => `${id}.${secret}`;

/** @returns undefined for what no link of ours ever carried */
export function readLinkText(text: string): LinkSecret | undefined {
  const id = text.slice(0, ID_CHARS);
  const secret = text.slice(ID_CHARS + 1);
  if (text[ID_CHARS] !== '.' || !isGuid(id) || !isSecret(secret)) return undefined;
  return { id: id.toLowerCase(), secret };
}

/** True for 256 bits as we write them. The last letter has two bits too many: they must be zero, or one secret had four texts. */
export function isSecret(text: string): boolean {
  return SECRET.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text;
}

/** The form in which a secret is stored: with 256 random bits there is nothing to salt or to slow down. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Takes the same time wherever they differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
