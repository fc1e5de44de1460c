import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../lab/runner/run-app.ts';
import { expectProblem } from './expect-problem.ts';
import { at, MANAGE, READ, startTenantsLab, type TenantAnswer, type TenantsLab } from './tenants-lab.ts';

const STRANGER = '99999999-9999-4999-8999-999999999999';

let lab: TenantsLab;
beforeAll(async () => {
  lab = await startTenantsLab();
});
afterAll(() => lab?.app.stop());

describe('a tenant of the settings', () => {
  test('is listed and shown, and changed there alone', async () => {
    const listed = (await lab.app.call('/api/tenants', READ)).json<{ value: TenantAnswer[] }>();
    expect(listed.value).toMatchObject([{ tenantId: lab.configured, source: 'settings', state: 'active' }]);
    const etag = await lab.etagOf(lab.configured);
    expect(etag).toMatch(/^"settings-/);
    const changed = expectProblem(
      await lab.change(lab.configured, { state: 'suspended' }, etag),
      409,
      'tenant.configured',
    );
    expect(changed.detail).toContain('OUTRIDER_TENANTS');
    const removed = await lab.remove(lab.configured, '*');
    expectProblem(removed, 409, 'tenant.configured');
    expectProblem(
      await lab.register({ tenantId: lab.configured, credential: lab.credential }),
      409,
      'tenant.configured',
    );
  });
});

describe('registering', () => {
  test.each([
    [undefined, /^tenantId: is missing: the directory id/],
    ['Fabrikam', /^tenantId: must be a GUID\.$/],
    ['common', /^tenantId: .* "common" stands for any tenant/],
    ['https://login.microsoftonline.com/x', /^tenantId: .* not an address/],
  ])('%s is no directory id, and why is said', async (tenantId, words) => {
    const answer = await lab.register({ tenantId });
    const { errors } = expectProblem(answer, 400, 'request.invalid') as unknown as { errors: string[] };
    expect(errors).toContainEqual(expect.stringMatching(words));
  });

  test('is refused with everything that is wrong', async () => {
    const answer = await lab.register({
      tenantId: 'contoso.onmicrosoft.com',
      nmae: 'x',
      api: 'both',
      credential: { kind: 'secret', clientId: 'my app' },
      sync: { historyDays: 0, pace: 1 },
      groups: ['a b'],
      state: 'offboarded',
    });
    const { errors } = expectProblem(answer, 400, 'request.invalid') as unknown as { errors: string[] };
    expect(errors).toContainEqual(expect.stringMatching(/^tenantId: must be a GUID, not a domain name: /));
    for (const words of [
      /api: /,
      /credential\.clientId: must be a GUID/,
      /credential\.secretName: is missing/,
      /sync\.historyDays: must be a whole number/,
      /sync: .*pace/,
      /groups\.0: must be the name of a group/,
      /state: must be one of active, suspended/,
      /nmae: not a field here; did you mean name\?/,
    ]) {
      expect(errors.join('\n')).toMatch(words);
    }
    for (const tenantId of ['common', 'organizations', '', lab.configured.slice(1), 7]) {
      expectProblem(await lab.register({ tenantId, credential: lab.credential }), 400, 'request.invalid');
    }
    const elsewhere = await lab.register({ tenantId: STRANGER, credential: lab.credential, cloud: 'dod' });
    expect(expectProblem(elsewhere, 400, 'request.invalid').detail).toMatch(/cloud "dod", .*serves "global"/);
    expectProblem(await lab.app.call(at(STRANGER), READ), 404, 'tenant.unknown');
  });

  test('answers where the tenant is and its ETag, and its first sync begins by itself', async () => {
    lab.app.cloud.defender.tenant(lab.customer).createIncident({ displayName: 'Of a new customer' });
    expectProblem(await lab.statusOf(), 404, 'tenant.unknown');
    const body = {
      tenantId: lab.customer.toUpperCase(),
      name: 'Northwind',
      api: 'xdr',
      huntingApi: 'xdr',
      credential: lab.credential,
    };
    const answer = await lab.register({ ...body, groups: ['EMEA'], tags: { sla: 'gold' } });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.headers.get('location')).toBe(`${lab.app.url}${at(lab.customer)}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.json()).toMatchObject({
      tenantId: lab.customer,
      state: 'active',
      groups: ['emea'],
      createdBy: { kind: 'app', tenantId: lab.app.cloud.world.home.id },
    });
    expect(answer.text).not.toMatch(/eyJ/);
    expectProblem(await lab.register(body), 409, 'tenant.exists');
    expect(await lab.untilIncidents(1)).toMatchObject({ state: 'current', incidents: 1 });
  });

  test('is listed by state and group, in pages', async () => {
    const list = async (query: string) =>
      (await lab.app.call(`/api/tenants${query}`, READ)).json<{ value: TenantAnswer[]; nextLink?: string }>();
    const ids = ({ value }: { value: TenantAnswer[] }) => value.map(({ tenantId }) => tenantId);
    expect(ids(await list('?group=Emea'))).toEqual([lab.customer]);
    expect(ids(await list('?state=suspended,offboarded'))).toEqual([]);
    const first = await list('?state=active&top=1');
    const second = await list(new URL(first.nextLink ?? '').search);
    expect([...ids(first), ...ids(second)]).toEqual([lab.configured, lab.customer].sort());
    expect(second.nextLink).toBeUndefined();
    const other = await lab.app.call((first.nextLink ?? '').replace('state=active', 'state=suspended'), READ);
    expectProblem(other, 400, 'request.invalid');
  });

  test('is seen by who may see its group, and by no other', async () => {
    const as = (group: string, path: string) =>
      lab.app.call(path, { roles: ['Tenants.Read', 'Tenants.Manage', `Tenants.Group.${group}`] });
    const { value } = (await as('emea', '/api/tenants')).json<{ value: TenantAnswer[] }>();
    expect(value.map(({ tenantId }) => tenantId)).toEqual([lab.customer]);
    expect((await as('emea', at(lab.customer))).status).toBe(200);
    for (const path of [at(lab.customer), at(lab.customer, '/audit'), at(lab.configured)]) {
      expectProblem(await as('apac', path), 404, 'tenant.unknown');
    }
    const roles = { roles: ['Tenants.Manage', 'Tenants.Group.emea'] };
    const outside = await lab.register(
      { tenantId: STRANGER, credential: lab.credential, groups: ['apac'] },
      roles,
    );
    expect(expectProblem(outside, 403, 'request.forbidden').detail).toMatch(/groups/);
    const moved = await lab.app.call(at(lab.customer), {
      ...roles,
      method: 'PATCH',
      headers: { 'if-match': '*' },
      body: { groups: [] },
    });
    expectProblem(moved, 403, 'request.forbidden');
  });
});

describe('changing', () => {
  test('needs the ETag of what is there', async () => {
    const without = await lab.app.call(at(lab.customer), { ...MANAGE, method: 'PATCH', body: { name: 'x' } });
    expect(expectProblem(without, 428, 'request.precondition_missing').detail).toMatch(/If-Match/);
    expectProblem(await lab.change(lab.customer, { name: 'x' }, '"77"'), 412, 'request.precondition_failed');
    expectProblem(await lab.change(lab.customer, { name: 'x' }, 'W/"1"'), 412, 'request.precondition_failed');
    expectProblem(await lab.change(lab.customer, { name: 'x' }, 'one'), 400, 'request.invalid');
    const changed = await lab.change(
      lab.customer,
      { name: 'New name', sync: { historyDays: 30 } },
      '"0", "1"',
    );
    expect(changed.json()).toMatchObject({
      name: 'New name',
      sync: { historyDays: 30, intervalMinutes: 1440 },
    });
    expect(changed.headers.get('etag')).toBe('"2"');
    const back = await lab.change(lab.customer, { sync: { historyDays: null } }, '"2"');
    expect(back.json()).toMatchObject({ name: 'New name', sync: { historyDays: 90 } });
  });

  test('to suspended stops all calls, what is stored can be read; resumed it is synced at once', async () => {
    // Its first preflight hunts as well: a call that is under way ends by itself.
    await waitFor(
      async () =>
        (await lab.app.call(at(lab.customer), READ)).json<{ lastPreflight?: object }>().lastPreflight,
      () => 'no preflight',
    );
    const suspended = await lab.change(lab.customer, { state: 'suspended' }, await lab.etagOf(lab.customer));
    expect(suspended.json()).toMatchObject({ state: 'suspended' });
    const before = lab.apiCalls();
    const hunt = { method: 'POST', body: { query: 'DeviceInfo' }, roles: ['Hunts.Run'] };
    expectProblem(await lab.app.call(at(lab.customer, '/hunts'), hunt), 409, 'tenant.disabled');
    const listed = await lab.app.call(at(lab.customer, '/incidents'), { roles: ['Incidents.Read'] });
    expect(listed.json<{ value: unknown[] }>().value).toHaveLength(1);
    lab.app.cloud.defender.tenant(lab.customer).createIncident({ displayName: 'While suspended' });
    expect(lab.apiCalls()).toBe(before);
    const resumed = await lab.change(lab.customer, { state: 'active' }, await lab.etagOf(lab.customer));
    expect(resumed.json()).toMatchObject({ state: 'active' });
    await lab.untilIncidents(2);
    expect(lab.apiCalls()).toBeGreaterThan(before);
  });
});

describe('removing', () => {
  test('needs the ETag, and is refused under a hold', async () => {
    expectProblem(
      await lab.app.call(at(lab.customer), { ...MANAGE, method: 'DELETE' }),
      428,
      'request.precondition_missing',
    );
    await lab.change(lab.customer, { sync: { legalHold: true } }, await lab.etagOf(lab.customer));
    const held = await lab.remove(lab.customer, '*');
    expect(expectProblem(held, 409, 'tenant.held').detail).toMatch(/legal hold/);
    await lab.change(lab.customer, { sync: { legalHold: false } }, await lab.etagOf(lab.customer));
  });

  test('answers 202, deletes everything, and knows the tenant no more', async () => {
    const etag = await lab.etagOf(lab.customer);
    const removed = await lab.remove(lab.customer, etag);
    expect(removed.status, removed.text).toBe(202);
    expect(removed.headers.get('location')).toBe(`${lab.app.url}${at(lab.customer)}`);
    expect(removed.json()).toMatchObject({ state: 'offboarded', removal: { done: false } });
    expectProblem(await lab.statusOf(), 404, 'tenant.unknown');
    let seen = '';
    const now = await waitFor(
      async () => {
        seen = (await lab.app.call(at(lab.customer), READ)).text;
        const view = JSON.parse(seen) as TenantAnswer & {
          removal: { rowsDeleted: number; blobsDeleted: number };
        };
        return view.removal.rowsDeleted > 0 && view.removal.blobsDeleted > 0 ? view : undefined;
      },
      () => seen,
    );
    expect(Date.parse(now.removal.notDoneBefore ?? '')).toBeGreaterThan(Date.now() + 10 * 60_000);
    expectProblem(
      await lab.register({ tenantId: lab.customer, credential: lab.credential }),
      409,
      'tenant.state_refused',
    );
  });

  test('of one that never was active is done at once; it can then be registered again', async () => {
    const added = await lab.register({ tenantId: STRANGER, credential: lab.credential, state: 'suspended' });
    expect(added.json()).toMatchObject({ state: 'suspended', name: STRANGER });
    await lab.remove(STRANGER, '"1"');
    let seen = '';
    const done = await waitFor(
      async () => {
        seen = (await lab.app.call(at(STRANGER), READ)).text;
        const view = JSON.parse(seen) as TenantAnswer;
        return view.removal?.done ? view : undefined;
      },
      () => seen,
    );
    expect(done).toMatchObject({ state: 'offboarded', removal: { rowsDeleted: 0 } });
    const again = await lab.remove(STRANGER, '*');
    expect(again.status).toBe(200);
    // What is kept of it is not for a group that it is brought into now.
    const limited = { roles: ['Tenants.Manage', 'Tenants.Group.emea'] };
    const claimed = await lab.register(
      { tenantId: STRANGER, credential: lab.credential, groups: ['emea'] },
      limited,
    );
    expect(expectProblem(claimed, 403, 'request.forbidden').detail).toMatch(/kept from before/);
    const registered = await lab.register({
      tenantId: STRANGER,
      credential: lab.credential,
      state: 'suspended',
    });
    expect(registered.json()).toMatchObject({ state: 'suspended', registrations: 2 });
    const { value } = (await lab.app.call(at(STRANGER, '/audit'), READ)).json<{
      value: { action: string }[];
    }>();
    expect(value.map(({ action }) => action)).toEqual(['registered', 'removed', 'offboarded', 'registered']);
  });

  test('leaves the audit, with who and what', async () => {
    const entries: Record<string, unknown>[] = [];
    for (let path: string | undefined = at(lab.customer, '/audit?top=3'); path !== undefined; ) {
      const page: { value: Record<string, unknown>[]; nextLink?: string } = (
        await lab.app.call(path, READ)
      ).json();
      expect(page.value.length).toBeLessThanOrEqual(3);
      entries.push(...page.value);
      path = page.nextLink;
    }
    const all = entries.filter(({ action }) => action !== 'changed');
    expect(all.map(({ action }) => action)).toEqual(['offboarded', 'resumed', 'suspended', 'registered']);
    const [removed] = all;
    expect(removed).toMatchObject({ by: { kind: 'app' }, changes: [{ field: 'state', to: 'offboarded' }] });
    expect(Date.parse(String(removed?.at))).toBeGreaterThan(Date.now() - 120_000);
  });
});

test('health names a record that cannot be used', async () => {
  const health = (await lab.app.call('/api/health', { roles: ['Tenants.Read'] })).json<{
    checks: { name: string; ok: boolean }[];
  }>();
  expect(health.checks).toContainEqual(expect.objectContaining({ name: 'tenants', ok: true }));
});
