import type { AadstsProblem } from './aadsts.ts';

const kind =
  (status: number, error: string) =>
  (number: number, text: string): AadstsProblem => ({ number, status, error, text });

/** What is asked for is not in order. */
export const badRequest = kind(400, 'invalid_request');
/** The app does not prove who it is. */
export const badClient = kind(401, 'invalid_client');
/** What a token is asked for with is not good: a code, a refresh token, an assertion, the user behind it. */
export const badGrant = kind(400, 'invalid_grant');
