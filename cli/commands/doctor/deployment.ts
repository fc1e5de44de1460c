import { systemClock } from '../../../shared/clock.ts';
import { type Config, readConfig } from '../../../shared/config.ts';
import { isOutriderError } from '../../../shared/errors.ts';
import { apiUrlOf } from '../../api/api-url.ts';
import { createOutriderApi } from '../../api/outrider-api.ts';
import { CommandFailure, messageOf } from '../../output/failure.ts';
import type { ActAs } from '../../sign-in/sign-in-as.ts';
import type { Finding } from './finding.ts';
import { FENCE, outsideFindings } from './outside.ts';

const AGAIN_MS = 5_000;

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
  // Where not even a forged token is refused, or what answers is not Outrider, no real one is sent.
  const fences = outside.filter(({ what }) => what.startsWith(FENCE));
  const mayBeTrusted = fences.length > 0 && fences.every(({ ok }) => ok);
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
  const { isNobodyHere, signInAs } = await import('../../sign-in/sign-in-as.ts');
  const skipped = (text: string): Finding => ({
    what: 'inside',
    ok: true,
    skipped: true,
    text: `not looked at: ${text}`,
  });
  try {
    if (as === undefined && (await isNobodyHere()))
      return skipped(`nobody is signed in here. ${howToSignIn()}`);
    return await (await signInAs(as)).getApiToken();
  } catch (error) {
    if (!(error instanceof CommandFailure) && !isOutriderError(error)) throw error;
    return as === undefined
      ? skipped(messageOf(error))
      : { what: 'token', ok: false, text: messageOf(error) };
  }
}

/** What a person does to be let in, whose environment is as it is. */
function howToSignIn(
  { api, commandLineClientId }: Pick<Config, 'api' | 'commandLineClientId'> = readConfig(),
): string {
  const isSet = api !== undefined && commandLineClientId !== undefined;
  return isSet
    ? 'Run outrider login, and ask again.'
    : 'Set OUTRIDER_API_CLIENT_ID, OUTRIDER_API_TENANT_ID and OUTRIDER_CLI_CLIENT_ID as infra/deploy.sh printed them, run outrider login, and ask again.';
}
