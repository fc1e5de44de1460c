import { createHash } from 'node:crypto';
import type { LabClock, LabService, TokenJudge } from '../service.ts';
import { createEntraControl, type EntraControl } from './control.ts';
import type { Directory } from './directory.ts';
import { createEntraService } from './entra-service.ts';
import { createJudge } from './judge.ts';
import { createRefreshTokens } from './refresh-tokens.ts';
import type { RequestCounter } from './request-counts.ts';
import { defaultSettings, type EntraSettings } from './settings.ts';
import { createAuthorizationCodes } from './sign-in-flow/authorization-codes.ts';
import { createDeviceCodes } from './sign-in-flow/device-codes.ts';
import { createInteractions } from './sign-in-flow/interactions.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createTokenEndpoint } from './token-endpoint.ts';
import { createTokenIssuer, type TokenOrder } from './token-issuer.ts';
import { createUserTokens } from './user-tokens.ts';

export interface EntraOptions {
  readonly directory: Directory;
  readonly clock: LabClock;
  /** See `EntraSettings.tokenLifetimeSeconds`. */
  readonly tokenLifetimeSeconds?: number;
  /** 0 to 1, for the lifetimes of tokens; default a fixed sequence. */
  readonly random?: () => number;
  /**
   * Told every secret thing that passes: tokens issued, secrets and assertions accepted. For scans of logs
   * and storage.
   */
  readonly onIssued?: (secret: string) => void;
}

export interface Entra {
  readonly service: LabService;
  readonly judge: TokenJudge;
  readonly settings: EntraSettings;
  readonly requests: RequestCounter;
  /**
   * A token without a sign-in: for callers of the API and for the managed identity endpoint.
   * @throws Error for a tenant that the directory does not hold
   */
  issue(order: TokenOrder): Promise<string>;
  /** Signs with a new key from now on. Old keys stay published, and their tokens good. */
  rotateKeys(): Promise<void>;
  /** Takes all keys but the newest off the list; tokens of the others no longer verify. */
  dropOldKeys(): Promise<void>;
  /** Ends a user's sign-ins, as a new password does: refresh tokens no longer count. Without a user, everybody's. */
  endSignIns(userId?: string): void;
  /** The same and more, for what comes as JSON from outside. */
  readonly control: EntraControl;
}

/** The stand-in for Entra ID, global and US government sign-in hosts. */
export function createEntra(options: EntraOptions): Entra {
  const { directory, clock, onIssued = () => {} } = options;
  const settings = { ...defaultSettings(), tokenLifetimeSeconds: options.tokenLifetimeSeconds };
  const now = (): number => clock.now() + settings.clockOffsetSeconds * 1000;
  const keys = createSigningKeys();
  const issuer = createTokenIssuer({
    directory,
    keys,
    settings,
    now,
    random: options.random ?? fixedSequence(),
    onIssued,
  });
  const refreshTokens = createRefreshTokens(onIssued);
  const parts = {
    directory,
    keys,
    settings,
    issuer,
    refreshTokens,
    codes: createAuthorizationCodes(now, onIssued),
    deviceCodes: createDeviceCodes(now, onIssued),
    interactions: createInteractions(directory, settings),
    now,
  };
  const tokens = createUserTokens({ ...parts, onIssued });
  const endpoint = createTokenEndpoint({ ...parts, tokens, onAccepted: onIssued });
  const { service, requests } = createEntraService({ ...parts, endpoint });
  return {
    service,
    requests,
    settings,
    judge: createJudge({ directory, keys, settings, now: () => clock.now() }),
    issue: async (order) => (await issuer.issue(order)).token,
    rotateKeys: () => keys.rotate(),
    dropOldKeys: () => keys.dropOld(),
    endSignIns: refreshTokens.revoke,
    control: createEntraControl({ directory, settings, endSignIns: refreshTokens.revoke }),
  };
}

/** Numbers from 0 to 1 that are the same in every run. */
function fixedSequence(): () => number {
  let step = 0;
  return () => {
    step += 1;
    return createHash('sha256').update(`entra ${step}`).digest().readUInt32BE(0) / 2 ** 32;
  };
}
