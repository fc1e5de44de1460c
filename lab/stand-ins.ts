import { randomBytes } from 'node:crypto';
import { createDefender } from './defender/defender.ts';
import type { DefenderSettings } from './defender/settings.ts';
import { directoryOfWorld } from './directory-of-world.ts';
import { createEntra } from './entra/entra.ts';
import { createKeyVault } from './key-vault/key-vault.ts';
import { createManagedIdentity } from './managed-identity/managed-identity.ts';
import type { LabClock, LabService } from './service.ts';
import { createWorld, type World } from './world.ts';

export interface StandInOptions {
  readonly clock: LabClock;
  readonly tenants?: number;
  readonly seed?: number;
  readonly defender?: Partial<DefenderSettings>;
  readonly onSecret?: (secret: string) => void;
}

export type StandIns = ReturnType<typeof createStandIns>;

/** The world and its stand-ins, none of them on a socket yet. */
export function createStandIns(options: StandInOptions) {
  const { clock, seed = 1, onSecret = () => {} } = options;
  const world = createWorld({ seed, ...(options.tenants === undefined ? {} : { tenants: options.tenants }) });
  const secrets = newSecrets(world);
  const directory = directoryOfWorld(world, secrets);
  const entra = createEntra({ directory, clock, onIssued: onSecret });
  const vault = createKeyVault({
    host: world.vaultHost,
    tenantId: world.home.id,
    judge: entra.judge,
    clock,
    mayRead: (caller) => caller.appId === world.identities.vault.clientId,
  });
  for (const [name, value] of secrets) {
    vault.setSecret(name, value);
    onSecret(value);
  }
  const defender = createDefender({
    clock,
    judge: entra.judge,
    seed,
    ...(options.defender === undefined ? {} : { settings: options.defender }),
  });
  const identityHeader = randomBytes(16).toString('hex').toUpperCase();
  const { handle, ...identity } = createManagedIdentity({
    directory,
    entra,
    clock,
    secretHeader: identityHeader,
  });
  /** Answers on plain http on the loopback interface, as in App Service. */
  const identityService: LabService = {
    name: 'identity',
    hosts: ['127.0.0.1'],
    tenantOf: () => world.home.id,
    handle,
  };
  const services = [entra.service, vault.service, ...defender.services];
  return { world, directory, entra, vault, defender, services, identity, identityService, identityHeader };
}

/** App secrets in Entra ID's form, new in every run, by name of the Key Vault secret. */
function newSecrets(world: World): ReadonlyMap<string, string> {
  const names = world.tenants.flatMap(({ credential }) =>
    credential.kind === 'secret' ? [credential.secretName] : [],
  );
  return new Map(names.map((name) => [name, `lab8Q~${randomBytes(26).toString('base64url').slice(0, 34)}`]));
}
