import { decodeJwt } from 'jose';
import type { LabCaller, LabUser, TokenJudge, Verdict } from '../service.ts';
import { challengeOf, type ShownClaims } from './access-policies.ts';
import { DATED_BACK_SECONDS } from './claims.ts';
import { issuerV1, issuerV2 } from './clouds.ts';
import { type Directory, type DirectoryTenant, findTenant } from './directory.ts';
import type { EntraSettings } from './settings.ts';
import type { SigningKeys } from './signing-keys.ts';
import { findUser } from './users.ts';

export interface JudgeOptions {
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly settings: EntraSettings;
  /** The lab's time in milliseconds since 1970. */
  readonly now: () => number;
}

/** Azure's services forgive a clock that is behind Entra ID's. */
const NOT_BEFORE_SKEW_SECONDS = 300;

/**
 * Judges tokens as a resource does: signature by the published keys, issuer in its v1.0 or v2.0 form and of
 * the very tenant that the token names, audience exactly, times by the lab's clock.
 */
export function createJudge({ directory, keys, settings, now }: JudgeOptions): TokenJudge {
  return {
    async verify(authorization, audiences) {
      const token = bearerToken(authorization);
      if (token === undefined) return refused('missing');
      if (!isJwt(token)) return refused('malformed');
      const claims = await keys.verify(token);
      if (claims === undefined) return refused('signature');
      const tenant = issuingTenant(directory, claims);
      if (tenant === undefined) return refused('issuer');
      if (!audiences.includes(text(claims.aud))) return refused('audience');
      if (!isInTime(claims, now() / 1000, settings.expirySkewSeconds)) return refused('expired');
      return { ok: true, caller: callerOf(directory, claims, tenant) };
    },
  };
}

function refused(reason: Extract<Verdict, { ok: false }>['reason']): Verdict {
  return { ok: false, reason };
}

function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

function isJwt(token: string): boolean {
  try {
    return typeof decodeJwt(token) === 'object';
  } catch {
    return false;
  }
}

function issuingTenant(directory: Directory, claims: Record<string, unknown>): DirectoryTenant | undefined {
  const tenant = findTenant(directory, text(claims.tid));
  if (tenant === undefined) return undefined;
  const expected = claims.ver === '2.0' ? issuerV2(tenant.id, tenant.cloud) : issuerV1(tenant.id);
  return claims.iss === expected ? tenant : undefined;
}

function isInTime({ nbf, exp }: Record<string, unknown>, seconds: number, expirySkew: number): boolean {
  if (typeof nbf !== 'number' || typeof exp !== 'number') return false;
  return seconds >= nbf - NOT_BEFORE_SKEW_SECONDS && seconds < exp + expirySkew;
}

function callerOf(directory: Directory, claims: Record<string, unknown>, tenant: DirectoryTenant): LabCaller {
  const scopes = text(claims.scp);
  const caller = {
    tenantId: tenant.id,
    appId: text(claims.appid ?? claims.azp),
    roles: texts(claims.roles),
    scopes: scopes === '' ? [] : scopes.split(' '),
  };
  const challenge = challengeOf(tenant, shownClaims(claims));
  return {
    ...caller,
    ...(scopes === '' ? {} : { user: userOf(directory, tenant.id, text(claims.oid)) }),
    ...(challenge === undefined ? {} : { challenge }),
    ...(tenant.hasDefender === false ? { hasDefender: false } : {}),
  };
}

function shownClaims(claims: Record<string, unknown>): ShownClaims {
  return {
    audience: text(claims.aud),
    objectId: text(claims.oid),
    isUser: text(claims.scp) !== '',
    contexts: texts(claims.acrs),
    capabilities: texts(claims.xms_cc),
    issuedAt: (Number(claims.iat) + DATED_BACK_SECONDS) * 1000,
  };
}

/** A user who has been deleted since has no role in Defender. */
function userOf(directory: Directory, tenantId: string, id: string): LabUser {
  const user = findUser(directory, tenantId, id);
  return { id, name: user?.userPrincipalName ?? '', defender: user?.defender ?? 'none' };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
