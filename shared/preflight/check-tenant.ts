import type { Clock } from '../clock.ts';
import type { Cloud } from '../clouds.ts';
import { OutriderError, toOutriderError } from '../errors.ts';
import { keyed } from '../once.ts';
import type { Capability } from '../permissions.ts';
import type { Resource, Tenant } from '../tenant.ts';
import { broughtAlong, checkCapability, type TokenOutcome } from './check-capability.ts';
import { daysIfSoon, expiryWords } from './credential-expiry.ts';
import { CAPABILITIES, needsOf } from './needs.ts';
import type { PreflightPorts } from './ports.ts';
import type { CapabilityCheck, CredentialCheck, Preflight } from './preflight.ts';

export interface TenantCheck {
  readonly ports: PreflightPorts;
  readonly cloud: Cloud;
  readonly clock: Pick<Clock, 'now'>;
  /** Default all. */
  readonly capabilities?: readonly Capability[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Day from which the older hunting endpoint gives no data. */
const XDR_HUNTING_ENDS = '2027-02-01';

/**
 * How a tenant stands: one token for each API, then at most one harmless call for each capability, all of them at once.
 *
 * @throws OutriderError `tenant.disabled` for a tenant that is not in service, and for trouble that is not the tenant's
 */
export async function checkTenant(check: TenantCheck, tenant: Tenant): Promise<Preflight> {
  const { capabilities: wanted = CAPABILITIES, cloud, clock, ports } = check;
  if (!tenant.enabled) throw notInService(tenant);
  const tokens = new Map<Resource, Promise<TokenOutcome>>();
  const tokenOf = (resource: Resource): Promise<TokenOutcome> => {
    const asked = tokens.get(resource) ?? askForToken(check, tenant, resource);
    tokens.set(resource, asked);
    return asked;
  };
  const look = async (capability: Capability): Promise<CapabilityCheck> => {
    const needs = needsOf(capability, tenant);
    if (!needs) return broughtAlong(capability, await one('incidents'));
    const token = await tokenOf(needs.resource);
    return checkCapability({ tenant, cloud, needs, token, ports, signal: check.signal });
  };
  const one = keyed((capability: string) => look(capability as Capability));
  const [capabilities, credential] = await Promise.all([
    Promise.all(wanted.map(one)),
    checkCredential(check, tenant),
  ]);
  const ok = capabilities.every(({ state }) => state === 'ok');
  const notes = notesOf(tenant, credential, wanted);
  return { tenantId: tenant.id, atMs: clock.now(), ok, capabilities, notes, credential };
}

async function askForToken(
  { ports, signal }: TenantCheck,
  tenant: Tenant,
  resource: Resource,
): Promise<TokenOutcome> {
  try {
    return { ok: true, facts: await ports.token(tenant, resource, signal) };
  } catch (thrown) {
    return { ok: false, error: toOutriderError(thrown, tenant.id) };
  }
}

/** Where the credential cannot be read, the sign-in says why. */
async function checkCredential(
  { ports, clock, signal }: TenantCheck,
  tenant: Tenant,
): Promise<CredentialCheck | undefined> {
  if (!ports.credentialExpiry) return undefined;
  const expiresAtMs = await ports.credentialExpiry(tenant, signal).catch(() => undefined);
  const expiresInDays = daysIfSoon(expiresAtMs, clock.now());
  return { kind: tenant.credential.kind, expiresAtMs, expiresInDays };
}

function notesOf(
  { huntingApi }: Tenant,
  credential: CredentialCheck | undefined,
  wanted: readonly Capability[],
): readonly string[] {
  const notes: string[] = [];
  if (huntingApi === 'xdr' && wanted.includes('hunting')) {
    notes.push(
      `Hunting by the Defender XDR API stops on ${XDR_HUNTING_ENDS}: set "huntingApi" to "graph", and grant ThreatHunting.Read.All.`,
    );
  }
  const { kind, expiresAtMs, expiresInDays } = credential ?? {};
  if (expiresInDays !== undefined && expiresAtMs !== undefined) {
    notes.push(
      `The ${kind} of this tenant ${expiryWords(expiresInDays, expiresAtMs)}. Renew it in Key Vault and in the app registration.`,
    );
  }
  return notes;
}

function notInService({ id, name }: Tenant): OutriderError {
  return new OutriderError(
    'tenant.disabled',
    `The tenant ${name === id ? id : `"${name}" (${id})`} is not in service, so nothing is asked of it. Resume it first.`,
    { tenant: id },
  );
}
