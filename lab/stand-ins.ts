import { randomBytes } from 'node:crypto';
import { createDefender } from './defender/defender.ts';
import { createRandom } from './defender/random.ts';
import type { DefenderSettings } from './defender/settings.ts';
import { directoryOfWorld } from './directory-of-world.ts';
import { createEntra } from './entra/entra.ts';
import { createKeyVault } from './key-vault/key-vault.ts';
import { createFaults } from './net/faults.ts';
import type { LabClock } from './service.ts';
import { createWorld, type World } from './world.ts';

export interface StandInOptions {
  readonly clock: LabClock;
  readonly tenants?: number;
  readonly seed?: number;
  readonly defender?: Partial<DefenderSettings>;
  readonly onSecret?: (secret: string) => void;
}

/** The stand-ins that answer in this process, without a socket of their own. */
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
  const faults = createFaults({ random: createRandom(seed).fork('faults').next });
  const services = [entra.service, vault.service, ...defender.services];
  return { world, directory, entra, vault, defender, faults, services };
}

/** App secrets in Entra ID's form, new in every run, by name of the Key Vault secret. */
function newSecrets(world: World): ReadonlyMap<string, string> {
  const names = world.tenants.flatMap(({ credential }) =>
    credential.kind === 'secret' ? [credential.secretName] : [],
  );
  return new Map(names.map((name) => [name, `lab8Q~${randomBytes(26).toString('base64url').slice(0, 34)}`]));
}
