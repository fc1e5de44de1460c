import type { Cloud } from './clouds.ts';
import type { Config } from './config.ts';
import { isOutriderError, OutriderError } from './errors.ts';
import type { HealthCheck, Probe } from './health.ts';
import type { TableStore } from './storage.ts';

/** Reads a row that nobody writes: the account answers, and this identity may read its tables. */
function storageProbe(table: () => TableStore): Probe {
  return async () => {
    await table().get('health', 'probe');
  };
}

/** Asks for a secret that nobody needs: "not found" is as good an answer as any from a vault that lets us in. */
function vaultProbe(read: (name: string, signal: AbortSignal) => Promise<unknown>): Probe {
  return async (signal) => {
    try {
      await read('outrider-health-probe', signal);
    } catch (error) {
      if (!isOutriderError(error, 'vault.not_found')) throw error;
    }
  };
}

/** Asks the sign-in service for its public description of a directory. */
function signInProbe(cloud: Cloud, directory: string): Probe {
  const url = `${cloud.signIn}/${directory}/v2.0/.well-known/openid-configuration`;
  return async (signal) => {
    const failed = (why: string, cause?: unknown): OutriderError =>
      new OutriderError(
        'auth.unavailable',
        `The sign-in service at ${cloud.signIn} does not answer for directory ${directory} (${why}). Check the network's way out.`,
        { cause },
      );
    let response: Response;
    try {
      response = await fetch(url, { signal });
      await response.body?.cancel();
    } catch (error) {
      throw failed('no connection', error);
    }
    if (!response.ok) throw failed(`status ${response.status}`);
  };
}

type Read = (name: string, signal: AbortSignal) => Promise<unknown>;

/** What health looks at: only what this deployment is configured to use. */
export function probesFor(
  config: Config,
  {
    table,
    vault,
    tenants,
  }: {
    readonly table: () => TableStore;
    readonly vault: { readonly read: Read } | undefined;
    readonly tenants: { check(): Promise<void> };
  },
): Readonly<Partial<Record<HealthCheck['name'], Probe>>> {
  return {
    ...(config.storage ? { storage: storageProbe(table), tenants: () => tenants.check() } : {}),
    // Whoever sets it has a use for it: tenants of the registry, or the API's own credential.
    ...(vault ? { vault: vaultProbe(vault.read) } : {}),
    ...(config.api ? { signIn: signInProbe(config.cloud, config.api.tenantId) } : {}),
  };
}
