import { type HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Outrider } from '../../shared/app.ts';
import type { Caller } from '../../shared/caller.ts';
import { actAsOfBody } from '../../shared/http/act-as.ts';
import { createAccess } from '../../shared/http/authorize.ts';
import { readFields } from '../../shared/http/body.ts';
import { createTenantFor, createTenantForUser } from '../../shared/http/tenant-for.ts';
import type { Tenant } from '../../shared/tenant.ts';

const HOME = '11111111-2222-4333-8444-555555555555';
const CUSTOMER = '22222222-2222-4222-8222-222222222222';
const access = createAccess({ homeTenantId: HOME, tenantGroups: undefined });
const tenants = { get: async (id: string) => (id === CUSTOMER ? ({ id } as Tenant) : undefined) };
let caller: Caller;
const app = {
  ...access,
  authenticate: async () => caller,
  tenantFor: createTenantFor({ access, tenants }),
  tenantForUser: createTenantForUser({ access, tenants }),
} as unknown as Outrider;

const ids = { tenantId: CUSTOMER, objectId: '33333333-3333-4333-8333-333333333333' };
const appWith = (...roles: string[]): Caller => ({ ...ids, tenantId: HOME, kind: 'app', roles, scopes: [] });
const user = (scopes: readonly string[], ...roles: string[]): Caller => ({
  ...ids,
  kind: 'user',
  roles,
  scopes,
  assertion: { ...ids, expiresAt: 0, text: () => 'the assertion' },
});
const SCOPE = ['access_as_user'];

let route: HttpHandler;
beforeAll(async () => {
  // Other tests of this process have an app of their own in its place.
  vi.resetModules();
  vi.doMock('../../shared/http/load-app.ts', () => ({ loadApp: async () => ({ app }) }));
  const { actingRoute } = await import('../../shared/http/acting-route.ts');
  route = actingRoute('hunts.run', {
    async read(request, { allow }) {
      const fields = await readFields(request);
      await allow(actAsOfBody(fields));
      const size = fields.integer('size', { from: 1, to: 9 });
      fields.done();
      return size;
    },
    asApp: async (size) => ({ jsonBody: { by: 'app', size } }),
    asUser: async (size, { assertion }) => ({ jsonBody: { by: assertion.text(), size } }),
  });
});
afterAll(() => {
  vi.doUnmock('../../shared/http/load-app.ts');
  vi.resetModules();
});

/** What becomes of a request: who served it, or the code of its refusal. */
async function served(
  who: Caller,
  body: string,
  { header, tenantId = CUSTOMER }: { readonly header?: string; readonly tenantId?: string } = {},
): Promise<unknown> {
  caller = who;
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost/api/x',
    params: { tenantId },
    body: { string: body },
    headers: { authorization: 'Bearer x', ...(header === undefined ? {} : { 'outrider-act-as': header }) },
  });
  const context = new InvocationContext({ functionName: 'x', logHandler: () => {} });
  const answer = (await route(request, context)) as { body?: string; jsonBody?: { by: string } };
  return answer.jsonBody?.by ?? JSON.parse(answer.body ?? '{}').code;
}

const PLAIN = '{"size":1}';
const AS_USER = '{"size":1,"actAs":"user"}';
const WRONG = '{"size":99}';
const WRONG_AS_USER = '{"size":99,"actAs":"user"}';

describe('in whose name a request is served', () => {
  it.each<[string, Caller, string, string | undefined, string]>([
    ['an app with the role', appWith('Hunts.Run'), PLAIN, undefined, 'app'],
    ['an app without', appWith(), PLAIN, undefined, 'request.forbidden'],
    ['an app without, whose body is wrong', appWith(), WRONG, undefined, 'request.forbidden'],
    ['an app that asks by body', appWith('Hunts.Run'), AS_USER, undefined, 'request.forbidden'],
    ['an app that asks by header', appWith('Hunts.Run'), PLAIN, 'user', 'request.forbidden'],
    ['a user with the role', user(SCOPE, 'Hunts.Run'), PLAIN, undefined, 'app'],
    ['a user with the role who asks', user(SCOPE, 'Hunts.Run'), AS_USER, undefined, 'the assertion'],
    ['a user without', user(SCOPE), PLAIN, undefined, 'request.forbidden'],
    ['a user without whose body is wrong', user(SCOPE), WRONG, undefined, 'request.forbidden'],
    ['a user without whose body is no JSON', user(SCOPE), '{', undefined, 'request.forbidden'],
    ['a user without who asks by body', user(SCOPE), AS_USER, undefined, 'the assertion'],
    ['a user without who asks by header', user(SCOPE), PLAIN, 'user', 'the assertion'],
    ['one who asks, whose body is wrong', user(SCOPE), WRONG_AS_USER, undefined, 'request.invalid'],
    ['one who asks by header, whose body is no JSON', user(SCOPE), '{', 'user', 'request.invalid'],
    ['another word', user(SCOPE, 'Hunts.Run'), PLAIN, 'app', 'request.invalid'],
    ['another word in the body', user(SCOPE, 'Hunts.Run'), '{"actAs":"me"}', undefined, 'request.invalid'],
    [
      'another word in the body, without the role',
      user(SCOPE),
      '{"actAs":"me"}',
      undefined,
      'request.forbidden',
    ],
    ['null in the body, without the role', user(SCOPE), '{"actAs":null}', undefined, 'request.forbidden'],
    ['a user without the scope', user([], 'Hunts.Run'), AS_USER, undefined, 'request.forbidden'],
    ['a user without the scope, by header', user([], 'Hunts.Run'), PLAIN, 'user', 'request.forbidden'],
  ])('%s', async (_name, who, body, header, expected) => {
    expect(await served(who, body, header === undefined ? {} : { header })).toBe(expected);
  });

  it('who may do nothing learns nothing of an address', async () => {
    for (const tenantId of ['contoso.com', HOME]) {
      expect(await served(appWith(), PLAIN, { tenantId })).toBe('request.forbidden');
      expect(await served(user([]), PLAIN, { tenantId, header: 'user' })).toBe('request.forbidden');
    }
    expect(await served(user(SCOPE), AS_USER, { tenantId: 'contoso.com' })).toBe('request.invalid');
    expect(await served(user(SCOPE), AS_USER, { tenantId: HOME })).toBe('tenant.unknown');
    expect(await served({ ...user(SCOPE), tenantId: HOME }, AS_USER)).toBe('the assertion');
  });
});
