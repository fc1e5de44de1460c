import { createHash, randomBytes } from 'node:crypto';
import { notes } from '../../leak-watch/notes.ts';
import type { ClaimsRequest } from '../claims-request.ts';
import type { SignIn } from './sign-in.ts';

/** What a code stands for. */
export interface CodeGrant {
  readonly appId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly nonce: string | undefined;
  readonly challenge: CodeChallenge | undefined;
  readonly signIn: SignIn;
  readonly claims: ClaimsRequest;
}

/** https://www.rfc-editor.org/rfc/rfc7636#section-4.3 */
export interface CodeChallenge {
  readonly method: 'S256' | 'plain';
  readonly value: string;
}

export type Redemption =
  | { readonly kind: 'good'; readonly grant: CodeGrant }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'used' }
  | { readonly kind: 'expired' };

export interface AuthorizationCodes {
  issue(grant: CodeGrant): string;
  /** Takes the code, whatever becomes of the request: it is good for one try. */
  redeem(code: string): Redemption;
}

/** Codes are good once, for ten minutes. */
export function createAuthorizationCodes(
  now: () => number,
  onIssued: (secret: string) => void,
): AuthorizationCodes {
  const codes = new Map<string, { readonly grant: CodeGrant; readonly until: number; isUsed: boolean }>();
  return {
    issue(grant) {
      const code = `1.A${randomBytes(64).toString('base64url')}`;
      codes.set(code, { grant, until: now() + LIFETIME_MS, isUsed: false });
      notes().secret('authorization code', code);
      onIssued(code);
      return code;
    },
    redeem(code) {
      const found = codes.get(code);
      if (found === undefined) return { kind: 'unknown' };
      if (found.isUsed) return { kind: 'used' };
      found.isUsed = true;
      return found.until > now() ? { kind: 'good', grant: found.grant } : { kind: 'expired' };
    },
  };
}

const LIFETIME_MS = 600_000;

export function meetsChallenge({ method, value }: CodeChallenge, verifier: string): boolean {
  return (
    value === (method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url'))
  );
}
