import { expect, it } from 'vitest';
import { otherCloudOf } from '../../shared/auth/tenant-cloud.ts';
import { CLOUDS } from '../../shared/clouds.ts';
import type { CloudName } from '../../shared/tenant.ts';
import { TENANT } from './source-fixture.ts';

const asked: string[] = [];
function told(cloud: CloudName, status: number, body: object | string): Promise<string | undefined> {
  const fetch = async (url: string | URL | Request) => {
    asked.push(String(url));
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return otherCloudOf(CLOUDS[cloud], TENANT, { fetch });
}

it.each([
  ['global', { tenant_region_scope: 'WW' }, undefined],
  ['global', { tenant_region_scope: 'NA', tenant_region_sub_scope: 'GCC' }, 'gcc'],
  ['gcc', { tenant_region_scope: 'NA', tenant_region_sub_scope: 'GCC' }, undefined],
  ['gcc', { tenant_region_scope: 'EU' }, 'global'],
  ['gcchigh', { tenant_region_scope: 'USGov', tenant_region_sub_scope: 'DOD' }, 'dod'],
  ['dod', { tenant_region_scope: 'USGov', tenant_region_sub_scope: 'DODCON' }, 'gcchigh'],
  ['global', { tenant_region_scope: 'NA', tenant_region_sub_scope: 'NEW' }, undefined],
  ['global', {}, undefined],
] as const)('in %s a tenant that says %j', async (cloud, body, other) => {
  expect(await told(cloud, 200, body)).toBe(other);
  expect(asked.at(-1)).toBe(`${CLOUDS[cloud].signIn}/${TENANT}/v2.0/.well-known/openid-configuration`);
});

it('says nothing where the directory does not', async () => {
  expect(await told('global', 400, { error: 'invalid_tenant' })).toBeUndefined();
  await expect(told('global', 200, '<html>')).rejects.toThrow();
});
