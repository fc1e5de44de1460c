import { setGlobalProxyFromEnv } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';

/** Node gives a tunnel five seconds, which pass where lab, Azurite and tests share two busy cores. */
const TUNNEL_MS = 60_000;

/**
 * Lets Node send this process's requests by the proxy of an environment, as one started with NODE_USE_ENV_PROXY=1
 * would. Node puts a new agent in place of the old one; without the second step a module that imports `globalAgent`
 * by name keeps the old one, takes Node for unaware of the proxy, and opens a connection for each request.
 *
 * @returns back to what was
 */
export function proxyByNode(environment: NodeJS.ProcessEnv): () => void {
  const restore = setGlobalProxyFromEnv(environment);
  https.globalAgent.options.timeout = TUNNEL_MS;
  syncBuiltinESMExports();
  return () => {
    restore();
    syncBuiltinESMExports();
  };
}
