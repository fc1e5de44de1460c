import { CLOUDS } from '../../shared/clouds.ts';
import { type ErrorCode, type ErrorFacts, OutriderError } from '../../shared/errors.ts';
import { type Capability, PERMISSIONS, type Permission } from '../../shared/permissions.ts';
import { checkTenant, type TenantCheck } from '../../shared/preflight/check-tenant.ts';
import type { PreflightPorts, TokenFacts } from '../../shared/preflight/ports.ts';
import type { CapabilityCheck, Preflight } from '../../shared/preflight/preflight.ts';
import type { Resource, Tenant } from '../../shared/tenant.ts';
import { testTenant } from '../auth/source-fixture.ts';

export const TENANT_ID = '10000000-0000-4000-8000-000000000001';
export const APP = 'aaaaaaaa-0000-4000-8000-00000000000a';
export const NOW = Date.parse('2026-11-21T12:00:00Z');

/** Every role that Outrider's calls need at a resource. */
export const allRoles = (resource: Resource): readonly string[] =>
  (PERMISSIONS as readonly Permission[])
    .filter((row) => row.resource === resource)
    .flatMap(({ roles }) => roles);

export const fault = (code: ErrorCode, facts: ErrorFacts = {}): OutriderError =>
  new OutriderError(code, `what ${code} says`, facts);

export interface Play {
  /** What a token has; an error for none. Default: an app's, with every role. */
  readonly token?: (resource: Resource) => Partial<TokenFacts> | OutriderError;
  /** What a call is answered. Default 200. */
  readonly call?: (capability: Capability) => number | OutriderError;
  readonly otherCloud?: string;
  readonly expiresAtMs?: number;
  readonly tenant?: Partial<Tenant>;
  readonly check?: Partial<TenantCheck>;
}

export interface Played extends Preflight {
  readonly of: (capability: Capability) => CapabilityCheck;
  /** Calls that were made, and tokens that were asked for. */
  readonly calls: readonly Capability[];
  readonly tokens: readonly Resource[];
}

/** One preflight against ports that a test holds in its hands. */
export async function play({
  token,
  call,
  otherCloud,
  expiresAtMs,
  tenant,
  check,
}: Play = {}): Promise<Played> {
  const calls: Capability[] = [];
  const tokens: Resource[] = [];
  const ports: PreflightPorts = {
    async token(_tenant, resource) {
      tokens.push(resource);
      const said = token?.(resource) ?? {};
      if (said instanceof OutriderError) throw said;
      return { kind: 'app', appId: APP, held: allRoles(resource), ...said };
    },
    async call(_tenant, capability) {
      calls.push(capability);
      const said = call?.(capability) ?? 200;
      if (said instanceof OutriderError) throw said;
      return { status: said, asked: 'GET https://api.example/x' };
    },
    otherCloud: async () => otherCloud,
    credentialExpiry: async () => expiresAtMs,
  };
  const found = await checkTenant(
    { ports, cloud: CLOUDS.global, clock: { now: () => NOW }, ...check },
    testTenant(TENANT_ID, tenant),
  );
  const of = (capability: Capability): CapabilityCheck => {
    const one = found.capabilities.find((each) => each.capability === capability);
    if (!one) throw new Error(`nothing of ${capability}`);
    return one;
  };
  return { ...found, of, calls, tokens };
}
