import type { Config } from './config.ts';
import { OutriderError } from './errors.ts';

/**
 * The address by which people reach this deployment, from its settings. Never from a request: whoever sends one chooses
 * its host name.
 *
 * @returns an origin: scheme and host
 * @throws OutriderError `config.invalid`
 */
export function publicOrigin({ apiUrl }: Pick<Config, 'apiUrl'>): string {
  const url = apiUrl === undefined ? null : URL.parse(apiUrl);
  const isLocal = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return url.origin;
  throw new OutriderError(
    'config.invalid',
    'Invitations need the address by which browsers reach this deployment: set OUTRIDER_API_URL to it, for example https://outrider.azurewebsites.net, and register its /api/onboarding/callback as a redirect URI of the app that customers consent to.',
  );
}
