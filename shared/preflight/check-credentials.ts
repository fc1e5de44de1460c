import type { Clock } from '../clock.ts';
import { mapLimit } from '../concurrency.ts';
import { toOutriderError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { TableStore } from '../storage.ts';
import type { Credential, Tenant } from '../tenant.ts';
import { daysIfSoon } from './credential-expiry.ts';
import { type ExpiringCredential, keepExpiring, readExpiring } from './stored-expiring.ts';

export interface CredentialsDependencies {
  /** All that sign in: tenants, and the Outrider API itself. */
  readonly holders: () => Promise<readonly CredentialHolder[]>;
  readonly expiryOf: (credential: Credential) => Promise<number | undefined>;
  readonly table: TableStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

export type CredentialHolder = Pick<Tenant, 'id' | 'credential'>;

/** Once a day, whichever tick of the timer comes first. */
const DAILY_MS = 23 * 3_600_000;
const READS_AT_ONCE = 8;

/**
 * Once a day: which secrets and certificates expire soon, told to the log, one event for each however many tenants use it,
 * and kept for health. Asked again on the same day it does nothing.
 *
 * @throws OutriderError `storage.*`
 */
export async function checkCredentials(dependencies: CredentialsDependencies): Promise<void> {
  const { holders, table, clock, log } = dependencies;
  const now = clock.now();
  const before = await readExpiring(table);
  if (before && now - before.checkedMs < DAILY_MS) return;
  const distinct = distinctOf(await holders());
  const looked = await mapLimit(distinct, READS_AT_ONCE, (each) => look(dependencies, each));
  const soon = looked.filter((each) => each !== undefined);
  for (const { tenant, tenants, kind, name, expiresAtMs } of soon) {
    const days = daysIfSoon(expiresAtMs, now);
    log.warn('credential.expires_soon', { tenant, tenants, kind, name, days });
  }
  await keepExpiring(table, { checkedMs: now, soon });
  log.info('credential.checked', { credentials: distinct.length, soon: soon.length });
}

interface Distinct {
  readonly credential: Credential;
  readonly kind: ExpiringCredential['kind'];
  readonly name: string;
  readonly tenants: readonly string[];
}

/** By what is kept in the vault: an app of a partner may be the way to a thousand tenants. */
function distinctOf(holders: readonly CredentialHolder[]): readonly Distinct[] {
  const found = new Map<string, Distinct>();
  for (const { id, credential } of holders) {
    const { kind } = credential;
    if (kind !== 'secret' && kind !== 'certificate') continue;
    const name = kind === 'secret' ? credential.secretName : credential.certificateName;
    const key = `${kind} ${name.toLowerCase()}`;
    const tenants = [...(found.get(key)?.tenants ?? []), id];
    found.set(key, { credential, kind, name, tenants });
  }
  return [...found.values()];
}

async function look(
  { expiryOf, clock, log }: CredentialsDependencies,
  { credential, kind, name, tenants }: Distinct,
): Promise<ExpiringCredential | undefined> {
  const [tenant = ''] = tenants;
  try {
    const expiresAtMs = await expiryOf(credential);
    if (expiresAtMs === undefined || daysIfSoon(expiresAtMs, clock.now()) === undefined) return undefined;
    return { kind, name, tenant, tenants: tenants.length, expiresAtMs };
  } catch (thrown) {
    const { code, message } = toOutriderError(thrown, tenant);
    log.warn('credential.unchecked', { tenant, kind, name, code, text: message });
    return undefined;
  }
}
