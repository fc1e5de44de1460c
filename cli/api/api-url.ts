import { readConfig } from '../../shared/config.ts';
import { EXIT, fail } from '../output/failure.ts';

/**
 * Where the deployed app is: `--url`, or else `OUTRIDER_API_URL`.
 *
 * @returns without a slash at its end
 * @throws CommandFailure when there is none, or a token would go there in the clear
 */
export function apiUrlOf(wanted: string | undefined, config = readConfig()): string {
  const text = wanted ?? config.apiUrl;
  if (text === undefined) {
    return fail(
      EXIT.usage,
      'Which deployment? Say --url https://<app>.azurewebsites.net, or set OUTRIDER_API_URL.',
    );
  }
  const url = URL.parse(text);
  const isLocal = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return url.origin;
  return fail(EXIT.usage, `${text} is no address of the Outrider API: it must begin with https://.`);
}
