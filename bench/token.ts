import { createTokenSource } from '../shared/auth/token-source.ts';
import { systemClock } from '../shared/clock.ts';
import { CLOUDS } from '../shared/clouds.ts';
import { OutriderError } from '../shared/errors.ts';
import { createConfiguredTenants } from '../shared/tenants-from-config.ts';
import { msalCachedCall } from './floors/msal-cached.ts';
import { type Bench, median, type Result } from './measure.ts';
import { benchTenant } from './tenant.ts';

const TENANT = benchTenant('22222222-2222-4222-8222-222222222222', {
  kind: 'secret',
  clientId: '11111111-1111-4111-8111-111111111111',
  secretName: 'bench',
});
const COLD_CALLERS = 100;
const BATCHES = 300;
const CALLS_A_BATCH = 500;

/** A cached token, against msal-node's own cached call; and what a crowd of cold callers sends. */
export const token: Bench = { name: 'token', run: measure };

async function measure(): Promise<Result[]> {
  const sent: string[] = [];
  const { getToken } = source(sent);
  const ask = () => getToken({ tenant: TENANT.id, resource: 'graph' });
  await Promise.all(Array.from({ length: COLD_CALLERS }, ask));
  const tokenRequests = sent.filter((url) => url.includes('/oauth2/v2.0/token')).length;
  const msal = await msalCachedCall();
  const times = { ours: [] as number[], msal: [] as number[] };
  for (let batch = 0; batch < BATCHES; batch++) {
    times.msal.push(await microseconds(msal, CALLS_A_BATCH / 10));
    times.ours.push(await microseconds(ask, CALLS_A_BATCH));
  }
  const [ours, floor] = [median(times.ours), median(times.msal)];
  return [
    {
      what: 'cached token, p50',
      against: `msal-node's own cached call: ${floor.toFixed(2)} µs`,
      goal: '≤ 2 µs',
      value: `${ours.toFixed(2)} µs`,
      ratio: ours / floor,
      met: ours <= 2,
      detail: `medians of ${BATCHES} batches, alternating; ${CALLS_A_BATCH} calls in a batch of ours, ${CALLS_A_BATCH / 10} in one of msal-node's.`,
    },
    {
      what: `${COLD_CALLERS} cold callers`,
      against: '',
      goal: '1 token request, at most 1 discovery',
      value: `${tokenRequests} token request, ${sent.length - tokenRequests} discoveries`,
      met: tokenRequests === 1 && sent.length - tokenRequests <= 1,
      detail: 'for a public host msal-node knows the endpoints and asks nobody for them.',
    },
  ];
}

async function microseconds(call: () => Promise<unknown>, times: number): Promise<number> {
  const began = performance.now();
  for (let n = 0; n < times; n++) await call();
  return ((performance.now() - began) * 1000) / times;
}

/** The real token source over a wire that answers like Entra ID at once. */
function source(sent: string[]) {
  const identity = {
    name: 'no identity',
    getToken: async () => '',
    issue: async () => {
      throw new OutriderError('auth.managed_identity_unavailable', 'The bench has no managed identity.');
    },
  };
  return createTokenSource({
    tenants: createConfiguredTenants([TENANT]),
    cloud: CLOUDS.global,
    vault: { read: async () => ({ value: 'bench', version: '1', contentType: undefined }) },
    federationIdentity: identity,
    managedIdentity: () => identity,
    clock: systemClock,
    fetch: async (input) => {
      sent.push(String(input instanceof Request ? input.url : input));
      return Response.json({ token_type: 'Bearer', expires_in: 3599, access_token: 'x'.repeat(1500) });
    },
  });
}
