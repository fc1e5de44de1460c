import { randomBytes } from 'node:crypto';
import { notes } from '../leak-watch/notes.ts';

export interface SecretProperties {
  /** `application/x-pem-file` and `application/x-pkcs12` mark certificates with their private key. */
  readonly contentType?: string;
  /** Default true. */
  readonly enabled?: boolean;
  /** Milliseconds since 1970. Informational: the vault hands a secret out before it all the same. */
  readonly notBefore?: number;
  /** Milliseconds since 1970. Informational: the vault hands an expired secret out all the same. */
  readonly expires?: number;
}

export interface SecretVersion extends SecretProperties {
  /** 32 hexadecimal digits. */
  readonly version: string;
  readonly value: string;
  readonly enabled: boolean;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly updated: number;
}

export interface SecretStore {
  /** Adds a version, which becomes the current one. @returns the version's name */
  set(name: string, value: string, properties?: SecretProperties): string;
  /** Enables or disables a version, the current one unless named. @throws Error when there is none */
  setEnabled(name: string, enabled: boolean, version?: string): void;
  delete(name: string): void;
  /** A version, the current one unless named. Names are compared without case. */
  find(name: string, version?: string): SecretVersion | undefined;
}

/** @param now milliseconds since 1970 */
export function createSecretStore(now: () => number): SecretStore {
  const secrets = new Map<string, SecretVersion[]>();
  const versionsOf = (name: string): SecretVersion[] => secrets.get(name.toLowerCase()) ?? [];
  const find: SecretStore['find'] = (name, version) =>
    version === undefined
      ? versionsOf(name).at(-1)
      : versionsOf(name).find((candidate) => candidate.version === version.toLowerCase());
  return {
    find,
    set(name, value, properties = {}) {
      notes().secret('vault secret', value);
      const version = randomBytes(16).toString('hex');
      const time = now();
      const added = { enabled: true, ...properties, version, value, created: time, updated: time };
      secrets.set(name.toLowerCase(), [...versionsOf(name), added]);
      return version;
    },
    setEnabled(name, enabled, version) {
      const changed = find(name, version);
      if (changed === undefined) throw new Error(`The lab's vault has no secret ${name}.`);
      const versions = versionsOf(name).map((known) =>
        known === changed ? { ...known, enabled, updated: now() } : known,
      );
      secrets.set(name.toLowerCase(), versions);
    },
    delete(name) {
      secrets.delete(name.toLowerCase());
    },
  };
}
