import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { refusal } from './entra-wire.ts';
import { createSource, OTHER, TENANT } from './source-fixture.ts';

test.each([
  [90002, 'invalid_tenant', 'auth.tenant_unknown'],
  [90038, 'invalid_request', 'auth.tenant_elsewhere'],
  [900382, 'invalid_request', 'auth.tenant_elsewhere'],
  [5000225, 'interaction_required', 'auth.tenant_blocked'],
  [700016, 'unauthorized_client', 'auth.app_not_in_tenant'],
  [7000229, 'invalid_client', 'auth.app_not_in_tenant'],
  [500011, 'invalid_resource', 'auth.api_not_in_tenant'],
  [650052, 'invalid_client', 'auth.api_not_in_tenant'],
  [500014, 'invalid_resource', 'auth.api_disabled'],
  [53003, 'interaction_required', 'auth.access_blocked'],
  [7000112, 'unauthorized_client', 'auth.app_disabled'],
  [501051, 'invalid_grant', 'auth.consent_missing'],
  [65001, 'invalid_grant', 'auth.consent_missing'],
  [650051, 'invalid_grant', 'auth.consent_missing'],
  [7000215, 'invalid_client', 'auth.secret_wrong'],
  [7000222, 'invalid_client', 'auth.secret_expired'],
  [700027, 'invalid_client', 'auth.assertion_refused'],
  [700213, 'invalid_client', 'auth.assertion_refused'],
  [70025, 'invalid_client', 'auth.assertion_refused'],
  [50196, 'invalid_grant', 'auth.throttled'],
  [90033, 'temporarily_unavailable', 'auth.unavailable'],
  [70001199, 'unauthorized_client', 'auth.refused'],
] as const)('AADSTS%i is %s for the service and %s for us', async (number, error, code) => {
  const { failure, wire } = createSource();
  wire.answer(() => refusal(number, { error }));
  const failed = await failure();
  expect(failed).toMatchObject({
    code,
    facts: {
      tenant: TENANT,
      serviceCode: `AADSTS${number}`,
      trackingId: '11111111-2222-4333-8444-555555555555',
    },
  });
  expect(failed.message).toContain('Fabrikam');
  expect(failed.message).toContain(`AADSTS${number}`);
  const shown = inspect(failed, { depth: 10, showHidden: true });
  expect(shown).not.toContain('SENTENCE-OF-THE-SERVICE');
  expect(shown).not.toContain('secret-value-1');
});

test('a rotated secret is used at once, the vault asked once; the same one again is the error', async () => {
  const { clock, failure, token, vault, wire } = createSource();
  await token();
  vault.secrets.set('app-secret', { value: 'secret-value-2', version: '2', contentType: undefined });
  wire.answer(({ form }) =>
    form.get('client_secret') === 'secret-value-1'
      ? refusal(7000222, { error: 'invalid_client' })
      : undefined,
  );
  expect(await token(OTHER)).toBe('token-2');
  expect(vault.reads).toBe(2);
  wire.answer(() => refusal(7000215, { error: 'invalid_client' }));
  clock.advance(3_600_000);
  const before = wire.sent.length;
  expect(await failure()).toMatchObject({ code: 'auth.secret_wrong' });
  expect(wire.sent.length - before).toBe(1);
});

test('without a vault, the missing setting is named', async () => {
  const { failure } = createSource({ vault: undefined });
  const error = await failure();
  expect(error.code).toBe('config.invalid');
  expect(error.message).toContain('OUTRIDER_VAULT_URL');
});
