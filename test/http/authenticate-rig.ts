import { expect } from 'vitest';
import type { Caller } from '../../shared/caller.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { type Authenticate, createAuthenticate } from '../../shared/http/authenticate.ts';
import { API, createDirectories, type Directories, HOME, newKey } from '../callers/directories.ts';

/** Two keys that the home directory publishes, and one that nobody does. */
export const key = newKey('one');
const second = newKey('two');
export const stranger = newKey('three');

/** Claims over the sound ones; `undefined` takes one out. */
export type Claims = Readonly<Record<string, unknown>>;

export interface AuthenticateRig {
  readonly directories: Directories;
  readonly authenticate: Authenticate;
  /** The caller that a token makes. */
  accepted(token: string): Promise<Caller>;
  /** Why a token is refused. */
  refused(token: string): Promise<string>;
}

/** The check of callers before directories of this process: whoever uses it puts their `fetch` in place. */
export function createAuthenticateRig(): AuthenticateRig {
  const directories = createDirectories();
  directories.keys.set(HOME, [key, second]);
  const authenticate = createAuthenticate({
    api: { clientId: API, tenantId: HOME, callers: 'multi-tenant' },
    cloud: CLOUDS.global,
    clock: { now: Date.now },
    tenants: { get: async () => undefined },
  });
  return {
    directories,
    authenticate,
    accepted: (token) => authenticate(`Bearer ${token}`),
    refused: (token) => refusalOf(authenticate, `Bearer ${token}`),
  };
}

/** What a header Authorization is refused with; fails where it opens something, or the code is another. */
export async function refusalOf(
  authenticate: Authenticate,
  authorization: string,
  code = 'request.unauthenticated',
): Promise<string> {
  const error = await authenticate(authorization).then(
    (caller: Caller) => new Error(`it was accepted: ${JSON.stringify(caller)}`),
    (caught: Error) => caught,
  );
  expect(error).toMatchObject({ code });
  return error.message;
}
