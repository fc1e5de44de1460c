import { errors } from 'jose';
import { OutriderError } from '../errors.ts';

/** A token that is refused, and why, in words that tell nobody more than its holder knows. */
export function unauthenticated(why: string): OutriderError {
  return new OutriderError(
    'request.unauthenticated',
    `The token is refused: ${why}. Get a new one for the Outrider API.`,
  );
}

/**
 * The same words whether a directory is unknown, suspended, or known and has not signed the token: whoever makes up a
 * token learns nothing of whose directories are known here.
 */
export function fromAnotherDirectory(): OutriderError {
  return unauthenticated(
    'it was issued by another directory than those that may call, or is not signed by it',
  );
}

export function keysOutOfReach(cause: unknown): OutriderError {
  return new OutriderError(
    'auth.unavailable',
    'The token could not be checked: the keys of the directory cannot be fetched from Microsoft Entra ID just now. Try again shortly.',
    { cause },
  );
}

/**
 * What jose's refusal of a token is for a caller. Claims are looked at only once the signature holds.
 *
 * @param isHome false for a registered tenant's directory
 */
export function refusalOf(error: unknown, isHome: boolean): OutriderError {
  if (error instanceof errors.JWTExpired) return unauthenticated('it has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(CLAIMS[error.claim] ?? `its claim ${error.claim} is not acceptable`);
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return isHome
      ? unauthenticated('its signature is not by a key of the directory')
      : fromAnotherDirectory();
  }
  if (
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid
  ) {
    return isHome ? unauthenticated('it is not a token signed with RS256') : fromAnotherDirectory();
  }
  return keysOutOfReach(error);
}

const CLAIMS: Readonly<Record<string, string>> = {
  aud: 'it was issued for another audience than the Outrider API',
  iss: 'it was issued by another directory',
  nbf: 'it is not valid yet',
  tid: 'it names no directory',
  oid: 'it names no caller',
};
