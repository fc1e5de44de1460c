import { OutriderError } from '../errors.ts';
import { DeadlineError } from './deadline.ts';

/** `the system-assigned managed identity`, or the user-assigned one by its client id. */
export function identityName(clientId: string | undefined): string {
  return clientId === undefined
    ? 'the system-assigned managed identity'
    : `the managed identity with client id ${clientId}`;
}

export interface IdentityRequest {
  /** As `identityName` gives it. */
  readonly name: string;
  readonly scope: string;
}

/**
 * Why a managed identity gave no token, by HTTP status. The library's error is not kept as cause: it quotes the
 * endpoint's answer.
 */
export function managedIdentityError(error: unknown, { name, scope }: IdentityRequest): OutriderError {
  const status = statusOf(error);
  return new OutriderError(
    'auth.managed_identity_unavailable',
    `No token of ${name} for ${scope}: ${reasonOf(error, status)}`,
    status === undefined ? {} : { status },
  );
}

/** The platform hands out the same token until it expires, so a refused one cannot be replaced. */
export function sameTokenError(name: string, scope: string): OutriderError {
  return new OutriderError(
    'auth.refused',
    `The service refuses the token of ${name} for ${scope}, and the platform has no other. ` +
      'Check that the identity still exists and that its access was not revoked.',
  );
}

function reasonOf(error: unknown, status: number | undefined): string {
  if (error instanceof DeadlineError) return `${error.message}. Is an identity assigned to the function app?`;
  if (status === 400 || status === 404) {
    return 'this app has no such identity. Assign it to the function app, or correct the client id in the settings.';
  }
  if (status === 401 || status === 403)
    return `the platform's identity endpoint refused the request (${status}).`;
  if (status === undefined) {
    return 'no managed identity endpoint can be reached from here. Assign an identity to the function app.';
  }
  return `the platform's identity endpoint failed (${status}). It usually recovers by itself.`;
}

/** The status is on the library's error or on one that it wraps. */
function statusOf(error: unknown): number | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { status, statusCode } = current as { status?: unknown; statusCode?: unknown };
    const found = status ?? statusCode;
    if (typeof found === 'number' && found > 0) return found;
  }
  return undefined;
}
