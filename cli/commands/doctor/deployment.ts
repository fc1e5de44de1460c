import { systemClock } from '../../../shared/clock.ts';
import { isOutriderError } from '../../../shared/errors.ts';
import { apiUrlOf } from '../../api/api-url.ts';
import { createOutriderApi } from '../../api/outrider-api.ts';
import { CommandFailure, messageOf } from '../../output/failure.ts';
import type { ActAs } from '../../sign-in/sign-in-as.ts';
import type { Finding } from './finding.ts';
import { outsideFindings } from './outside.ts';

const AGAIN_MS = 5_000;
const HOW =
  'Set OUTRIDER_API_CLIENT_ID, OUTRIDER_API_TENANT_ID and OUTRIDER_CLI_CLIENT_ID, then outrider login, and ask again.';

/**
 * A deployment from outside, and from inside where there is a token for it.
 *
 * @throws CommandFailure for an address to which no token may go
 */
export async function deploymentFindings({
  url: wanted,
  as,
  waitMinutes = 0,
}: {
  readonly url: string;
  readonly as?: ActAs | undefined;
  /** For an app that was published just now: how long it may take to be well. Default: not at all. */
  readonly waitMinutes?: number | undefined;
}): Promise<readonly Finding[]> {
  const url = apiUrlOf(wanted);
  const outside = await outsideOnceWell(url, waitMinutes * 60_000);
  // Where not even a forged token is refused, or nothing answers, no real one is sent.
  const mayBeTrusted = outside.every(({ what, ok }) => ok || what === 'health');
  if (!mayBeTrusted) return outside;
  const token = await tokenOf(as);
  if (typeof token !== 'string') return [...outside, token];
  const { insideFindings } = await import('./inside.ts');
  const api = createOutriderApi({ url, getToken: async () => token });
  return [...outside, ...(await insideFindings(api, systemClock.now()))];
}

async function outsideOnceWell(url: string, waitMs: number): Promise<readonly Finding[]> {
  const until = systemClock.now() + waitMs;
  for (;;) {
    const found = await outsideFindings(url);
    if (found.every(({ ok }) => ok) || systemClock.now() + AGAIN_MS > until) return found;
    await systemClock.sleep(AGAIN_MS);
  }
}

/** A token, or why there is none: wrong where one was asked for. */
async function tokenOf(as: ActAs | undefined): Promise<string | Finding> {
  const { signInAs } = await import('../../sign-in/sign-in-as.ts');
  try {
    return await (await signInAs(as)).getApiToken();
  } catch (error) {
    if (!(error instanceof CommandFailure) && !isOutriderError(error)) throw error;
    const text = `${messageOf(error)} ${HOW}`;
    if (as !== undefined) return { what: 'token', ok: false, text };
    return { what: 'inside', ok: true, skipped: true, text: `not looked at, for want of a token. ${text}` };
  }
}
