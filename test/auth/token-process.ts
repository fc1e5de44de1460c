import { inspect } from 'node:util';
import { createManagedIdentity, tokenCredentialOf } from '../../shared/auth/managed-identity.ts';
import { createTokenSource } from '../../shared/auth/token-source.ts';
import { createVaultReader } from '../../shared/auth/vault.ts';
import { systemClock } from '../../shared/clock.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import { isOutriderError } from '../../shared/errors.ts';
import type { Tenant } from '../../shared/tenant.ts';
import type { Answer, Order, Setup } from './token-orders.ts';

// A process of its own, configured by its environment alone as in production: the libraries keep what they learn of
// managed identities in statics, and read proxy and certificate authority when they start.

let aheadMs = 0;
const MachineDate = Date;
globalThis.Date = class extends MachineDate {
  static override now(): number {
    return MachineDate.now() + aheadMs;
  }
  constructor(...when: [] | [number]) {
    super(when[0] ?? MachineDate.now() + aheadMs);
  }
} as DateConstructor;
const clock = { ...systemClock, now: () => Date.now() };
let source: ReturnType<typeof createTokenSource> | undefined;
let identities: Record<string, ReturnType<typeof createManagedIdentity>> = {};

function identity(clientId = ''): ReturnType<typeof createManagedIdentity> {
  identities[clientId] ??= createManagedIdentity({ clientId: clientId || undefined, clock });
  return identities[clientId];
}

function setUp({ tenants, federation, vaultIdentity, vaultUrl }: Setup): void {
  identities = {};
  const byId = new Map<string, Tenant>(tenants.map((tenant) => [tenant.id, tenant]));
  source = createTokenSource({
    tenants: { list: async () => tenants, get: async (id) => byId.get(id.toLowerCase()) },
    cloud: CLOUDS.global,
    clock,
    vault: createVaultReader({ vaultUrl, credential: tokenCredentialOf(identity(vaultIdentity)), clock }),
    federationIdentity: identity(federation),
    managedIdentity: identity,
  });
}

async function obey(order: Order): Promise<readonly Answer[]> {
  if (order.do === 'setUp') setUp(order.setup);
  if (order.do === 'advance') aheadMs += order.ms;
  if (order.do !== 'getTokens' && order.do !== 'identityToken') return [];
  const once = (): Promise<string> =>
    order.do === 'identityToken'
      ? identity(order.clientId).getToken(order.scope)
      : (source?.getToken(order.request) ?? Promise.reject(new Error('not set up')));
  const times = order.do === 'getTokens' ? (order.times ?? 1) : 1;
  return Promise.all(Array.from({ length: times }, () => once().then(answerToken, answerError)));
}

function answerToken(token: string): Answer {
  return { token };
}

function answerError(error: unknown): Answer {
  const { code, message, facts } = isOutriderError(error)
    ? error
    : { code: 'not ours', message: String(error), facts: {} };
  return { error: { code, message, facts, inspected: inspect(error, { depth: 10, showHidden: true }) } };
}

process.on('message', (message: { readonly id: number; readonly order: Order }) => {
  obey(message.order).then(
    (answers) => process.send?.({ id: message.id, answers }),
    (error: unknown) => process.send?.({ id: message.id, failed: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
