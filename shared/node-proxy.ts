import { globalAgent } from 'node:https';

/**
 * Whether Node itself sends requests by the proxy of the environment (NODE_USE_ENV_PROXY=1). Then its agent does so
 * with connections kept alive, where the Azure libraries' proxy policy opens one, with a TLS handshake, for each
 * request.
 */
export function nodeProxies(): boolean {
  return 'proxyEnv' in globalAgent.options && globalAgent.options.proxyEnv !== undefined;
}
