import { expect, it } from 'vitest';
import type { Log } from '../../shared/log.ts';
import { type CredentialHolder, checkCredentials } from '../../shared/preflight/check-credentials.ts';
import { expiryWarnings, readExpiring } from '../../shared/preflight/stored-expiring.ts';
import { keepPreflight, readLastPreflight } from '../../shared/preflight/stored-preflight.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { APP, fault, play, TENANT_ID } from './rig.ts';

const DAY = 86_400_000;
const id = (n: number): string => `10000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const secret = (n: number, secretName: string): CredentialHolder => ({
  id: id(n),
  credential: { kind: 'secret', clientId: APP, secretName },
});

function createRig(
  holders: readonly CredentialHolder[],
  daysOf: (name: string) => number | undefined | Error,
) {
  const clock = createVirtualClock();
  const { table } = createMemoryStore(clock);
  const events: { event: string; fields: object | undefined }[] = [];
  const reads: string[] = [];
  const note = (event: string, fields?: object) => void events.push({ event, fields });
  const log: Log = { info: note, warn: note, error: note };
  const run = () =>
    checkCredentials({
      ...{ table, clock, log },
      holders: async () => holders,
      async expiryOf(credential) {
        const name = 'secretName' in credential ? credential.secretName : 'other';
        reads.push(name);
        const days = daysOf(name);
        if (days instanceof Error) throw days;
        return days === undefined ? undefined : clock.now() + days * DAY;
      },
    });
  return { clock, table, events, reads, run };
}

it('says once a day which credentials expire within 30 days, once for all tenants of each', async () => {
  const holders = [
    secret(1, 'shared'),
    secret(2, 'shared'),
    secret(3, 'late'),
    secret(4, 'over'),
    secret(5, 'dateless'),
  ];
  const days: Record<string, number> = { shared: 12.5, late: 31.5, over: -1.5 };
  const { clock, events, reads, run, table } = createRig(
    [...holders, { id: id(6), credential: { kind: 'federated', clientId: APP } }],
    (name) => days[name],
  );
  await run();
  await run();
  expect(reads.sort()).toEqual(['dateless', 'late', 'over', 'shared']);
  const soon = {
    event: 'credential.expires_soon',
    fields: { tenant: id(1), tenants: 2, kind: 'secret', name: 'shared', days: 12 },
  };
  const over = {
    event: 'credential.expires_soon',
    fields: { tenant: id(4), tenants: 1, kind: 'secret', name: 'over', days: -2 },
  };
  const checked = { event: 'credential.checked', fields: { credentials: 4, soon: 2 } };
  expect(events).toEqual([soon, over, checked]);
  clock.advance(DAY);
  await run();
  expect(events).toHaveLength(6);
  const kept = await readExpiring(table);
  const warnings = kept && expiryWarnings(kept, clock.now());
  expect(warnings?.[0]).toMatch(/The secret "over" in Key Vault, for tenant .*4, has expired on/);
  expect(warnings?.[1]).toMatch(/"shared" in Key Vault, for tenant .*1 and 1 more, expires in 12 days/);
});

it('one that cannot be read is named, and the others are looked at', async () => {
  const { events, run } = createRig([secret(1, 'gone'), secret(2, 'soon')], (name) =>
    name === 'gone' ? fault('vault.not_found') : 3,
  );
  await run();
  expect(events).toMatchObject([
    { event: 'credential.unchecked', fields: { tenant: id(1), name: 'gone', code: 'vault.not_found' } },
    { event: 'credential.expires_soon', fields: { tenant: id(2), days: 3 } },
    { event: 'credential.checked', fields: { credentials: 2, soon: 1 } },
  ]);
});

it('fits into a row however many expire, the soonest first', async () => {
  const holders = Array.from({ length: 300 }, (_, n) =>
    secret(n, `secret-of-a-customer-with-a-long-name-${n}-${'x'.repeat(60)}`),
  );
  const { clock, events, run, table } = createRig(holders, (name) => Number(/-(\d+)-x/.exec(name)?.[1]) / 20);
  await run();
  expect(events).toHaveLength(301);
  const kept = await readExpiring(table);
  expect(kept?.soon).toHaveLength(100);
  expect(kept?.soon[0]?.tenant).toBe(id(0));
  expect(kept && expiryWarnings(kept, clock.now())).toHaveLength(100);
});

it('the last preflight is kept for the registration that it was of', async () => {
  const { table } = createMemoryStore(createVirtualClock());
  const found = await play({ token: () => ({ held: [] }) });
  const tenant = { id: TENANT_ID, generation: 2 };
  expect(await readLastPreflight(table, tenant)).toBeUndefined();
  await keepPreflight(table, tenant, await play());
  await keepPreflight(table, tenant, found);
  expect(await readLastPreflight(table, tenant)).toMatchObject({
    ok: false,
    atMs: found.atMs,
    states: { incidents: 'notConsented', hunting: 'notConsented' },
  });
  expect(await readLastPreflight(table, { id: TENANT_ID, generation: 3 })).toBeUndefined();
  expect(await readLastPreflight(table, { id: id(9), generation: 2 })).toBeUndefined();
});

it('of two that are kept at the same moment one stays, and none fails', async () => {
  const { table } = createMemoryStore(createVirtualClock());
  const found = await play();
  await Promise.all(Array.from({ length: 5 }, () => keepPreflight(table, { id: TENANT_ID }, found)));
  expect(await readLastPreflight(table, { id: TENANT_ID })).toMatchObject({ ok: true });
});
