import { randomBytes } from 'node:crypto';
import { notes } from '../leak-watch/notes.ts';
import type { SignIn } from './sign-in-flow/sign-in.ts';

/** What a refresh token stands for. It is bound to user and client, not to a resource or tenant. */
export interface RefreshGrant {
  readonly appId: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly signIn: SignIn;
  /** What was asked for; a refresh that names no scope means the same. */
  readonly scope: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
}

/** A user's sign-in with a client goes on by these; each use gives a new one, and the old one stays good, as in Entra ID. */
export interface RefreshTokens {
  issue(grant: RefreshGrant): string;
  find(token: string): RefreshGrant | undefined;
  /** Ends all sign-ins of a user, as a change of the password does; without one, of everybody. */
  revoke(userId?: string): void;
  wasRevoked(token: string): boolean;
}

export function createRefreshTokens(onIssued: (secret: string) => void): RefreshTokens {
  const grants = new Map<string, RefreshGrant>();
  const revoked = new Set<string>();
  return {
    issue(grant) {
      const token = `1.A${randomBytes(96).toString('base64url')}`;
      grants.set(token, grant);
      notes().secret('refresh token', token);
      onIssued(token);
      return token;
    },
    find: (token) => grants.get(token),
    revoke(userId) {
      for (const [token, grant] of grants) {
        if (userId !== undefined && grant.userId !== userId) continue;
        grants.delete(token);
        revoked.add(token);
      }
    },
    wasRevoked: (token) => revoked.has(token),
  };
}
