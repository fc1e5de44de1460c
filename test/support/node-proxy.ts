import { setGlobalProxyFromEnv } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Lets Node send this process's requests by the proxy of an environment, as one started with NODE_USE_ENV_PROXY=1
 * would. Node puts a new agent in place of the old one; without the second step a module that imports `globalAgent`
 * by name keeps the old one, takes Node for unaware of the proxy, and opens a connection for each request.
 *
 * @returns back to what was
 */
export function proxyByNode(environment: NodeJS.ProcessEnv): () => void {
  const restore = setGlobalProxyFromEnv(environment);
  syncBuiltinESMExports();
  return () => {
    restore();
    syncBuiltinESMExports();
  };
}
