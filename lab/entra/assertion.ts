import { decodeJwt, decodeProtectedHeader } from 'jose';
import { AadstsError, aadstsTime } from './aadsts.ts';
import { assertionTimes, malformedAssertion } from './problems.ts';

/** A client assertion, taken apart but not believed. */
export interface Assertion {
  readonly token: string;
  readonly alg: string;
  readonly kid: string | undefined;
  /** Thumbprints and chain of the signing certificate, as the header carries them. */
  readonly x5t: string | undefined;
  readonly x5tS256: string | undefined;
  readonly x5c: readonly string[];
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** Unix seconds. */
  readonly notBefore: number | undefined;
  readonly expires: number;
}

/** @throws AadstsError 50027 when it is no JWT or lacks a claim that every assertion has. */
export function parseAssertion(token: string): Assertion {
  const { header, claims } = decode(token);
  const { iss, sub, aud, nbf, exp } = claims;
  if (typeof iss !== 'string' || typeof sub !== 'string' || typeof aud !== 'string') {
    throw new AadstsError(malformedAssertion('It needs the claims iss, sub and a single aud.'));
  }
  if (typeof exp !== 'number') throw new AadstsError(malformedAssertion('It has no exp claim.'));
  return {
    token,
    alg: header.alg ?? '',
    kid: header.kid,
    x5t: header.x5t,
    x5tS256: header['x5t#S256'],
    x5c: header.x5c ?? [],
    issuer: iss,
    subject: sub,
    audience: aud,
    notBefore: nbf,
    expires: exp,
  };
}

/** @throws AadstsError 700024 outside of nbf and exp, give or take `skewSeconds`. */
export function checkTimes(assertion: Assertion, now: number, skewSeconds: number): void {
  const seconds = now / 1000;
  const from = assertion.notBefore ?? 0;
  const isTooEarly = seconds < from - skewSeconds;
  const isTooLate = seconds >= assertion.expires + skewSeconds;
  if (!isTooEarly && !isTooLate) return;
  throw new AadstsError(
    assertionTimes(aadstsTime(now), aadstsTime(from * 1000), aadstsTime(assertion.expires * 1000)),
  );
}

interface Header {
  readonly alg?: string;
  readonly kid?: string;
  readonly x5t?: string;
  readonly 'x5t#S256'?: string;
  readonly x5c?: string[];
}

function decode(token: string): { header: Header; claims: ReturnType<typeof decodeJwt> } {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    throw new AadstsError(malformedAssertion('It does not have the form of a JWT.'));
  }
}
