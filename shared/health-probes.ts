import type { Cloud } from './clouds.ts';
import type { Config } from './config.ts';
import { isOutriderError, OutriderError } from './errors.ts';
import type { HealthCheck, Probe } from './health.ts';
import type { BlobStore, TableStore } from './storage.ts';

/** The three services of the account that Outrider cannot do without; a role and a network rule are each one's own. */
interface StorageParts {
  readonly table: () => Pick<TableStore, 'get'>;
  readonly blobs: () => Pick<BlobStore, 'get'>;
  readonly queue: () => { check(): Promise<void> };
}

/** Reads a row and a blob that nobody writes, and looks at a queue: they answer, and this identity may read them. */
function storageProbe({ table, blobs, queue }: StorageParts): Probe {
  return async () => {
    await Promise.all([table().get('health', 'probe'), blobs().get('health/probe'), queue().check()]);
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
    storage,
    vault,
    tenants,
  }: {
    readonly storage: StorageParts;
    readonly vault: { readonly read: Read } | undefined;
    readonly tenants: { check(): Promise<void> };
  },
): Readonly<Partial<Record<HealthCheck['name'], Probe>>> {
  return {
    ...(config.storage ? { storage: storageProbe(storage), tenants: () => tenants.check() } : {}),
    // Whoever sets it has a use for it: tenants of the registry, or the API's own credential.
    ...(vault ? { vault: vaultProbe(vault.read) } : {}),
    ...(config.api ? { signIn: signInProbe(config.cloud, config.api.tenantId) } : {}),
  };
}
