import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../lab/cloud.ts';
import type { Health } from '../../shared/health.ts';
import { expectProblem } from '../http/expect-problem.ts';
import { type OutriderApp, startOutrider } from '../http/outrider-app.ts';

const READ = { roles: ['Incidents.Read'] };
const UNKNOWN = '99999999-9999-4999-8999-999999999999';

/** One good tenant beside two bad ones, and a slip in every other area that the sync does not need. */
function faulty({ world, env }: Cloud): Readonly<Record<string, string>> {
  const [good, bad] = JSON.parse(env.OUTRIDER_TENANTS ?? '[]') as [object, object];
  return {
    OUTRIDER_TENANTS: JSON.stringify([
      { id: UNKNOWN, credential: { kind: 'secret', clientId: world.reader.clientId } },
      good,
      { ...bad, sync: { intervalMinutes: 0 } },
    ]),
    OUTRIDER_TENANT_NAME: 'Contoso',
    OUTRIDER_TENNANT_ID: UNKNOWN,
    OUTRIDER_VAULT_URL: 'https://kv.example.com',
    OUTRIDER_BACKFILL_DAYS: 'many',
    OUTRIDER_LEGAL_HOLD: 'perhaps',
    'AzureWebJobs.enqueue-due-hunts.Disabled': 'false',
  };
}

describe('with faulty settings', () => {
  let app: OutriderApp;
  let good = '';
  beforeAll(async () => {
    app = await startOutrider({ settings: faulty });
    good = app.cloud.world.tenants[0]?.id ?? '';
  });
  afterAll(() => app?.stop());

  test('every function is there', async () => {
    const files = await readdir(join(import.meta.dirname, '../../functions'));
    expect(app.functions).toHaveLength(files.filter((file) => file.endsWith('.ts')).length);
  });

  test('health names them all together, to a caller with a role', async () => {
    const answer = await app.call('/api/health', READ);
    expect(answer.status).toBe(503);
    const { status, faults } = answer.json<Health & Record<string, unknown>>();
    expect(status).toBe('degraded');
    expect(faults.map(({ setting }) => setting).sort()).toEqual([
      'OUTRIDER_BACKFILL_DAYS',
      'OUTRIDER_LEGAL_HOLD',
      'OUTRIDER_TENANTS',
      'OUTRIDER_TENANTS[0]',
      'OUTRIDER_TENANTS[2]',
      'OUTRIDER_TENNANT_ID',
      'OUTRIDER_VAULT_URL',
    ]);
    expect(faults.find(({ setting }) => setting === 'OUTRIDER_TENNANT_ID')?.text).toMatch(
      /did you mean OUTRIDER_TENANT_ID/,
    );
  });

  test('nobody else learns more than that it is not well', async () => {
    const answer = await app.call('/api/health');
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({ status: 'degraded' });
    expectProblem(await app.call('/api/health', { roles: [] }), 403, 'request.forbidden');
  });

  test('the good tenant is synced and read back', async () => {
    const { id } = app.cloud.defender.tenant(good).createIncident({ displayName: 'Found all the same' });
    await app.sync(good);
    const answer = await app.call(`/api/tenants/${good}/incidents/${id}`, READ);
    expect(answer.json()).toMatchObject({ id, displayName: 'Found all the same' });
  });

  test('the bad ones are not served, and the storage is not asked about them', async () => {
    for (const id of [UNKNOWN, app.cloud.world.tenants[1]?.id ?? '']) {
      expectProblem(await app.call(`/api/tenants/${id}/sync`, READ), 404, 'tenant.unknown');
    }
    expect(app.cloud.tenants()[1]).toMatchObject({ apiCalls: 0, storageOps: 0 });
  });
});

describe('without the settings of the API', () => {
  let app: OutriderApp;
  beforeAll(async () => {
    app = await startOutrider({ settings: () => ({ OUTRIDER_API_CLIENT_ID: 'outrider-api' }) });
  });
  afterAll(() => app?.stop());

  test('nobody is let in, and no stranger learns what is wrong', async () => {
    const tenant = app.cloud.world.tenants[0]?.id;
    for (const path of ['/api/health', `/api/tenants/${tenant}/incidents`]) {
      const answer = await app.call(path, READ);
      const { detail, errors } = expectProblem(answer, 503, 'config.invalid');
      expect(detail).toMatch(/No caller can be checked/);
      expect(answer.text).not.toMatch(/OUTRIDER_|GUID/);
      expect(errors).toBeUndefined();
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect((await app.call('/api/health')).json()).toEqual({ status: 'degraded' });
  });

  test('the log says it under the correlation id of the answer', async () => {
    const answer = await app.call('/api/health', READ);
    const correlationId = answer.headers.get('x-correlation-id') ?? '';
    const { level, message } = await app.logged(correlationId);
    expect(level).toBe('error');
    expect(message).toMatch(/OUTRIDER_API_CLIENT_ID must be a GUID/);
  });
});
