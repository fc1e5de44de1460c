import { expect, test } from 'vitest';
import type { LabCaller } from '../../../lab/service.ts';
import { person, startLab } from './support.ts';

const GRAPH = 'https://graph.microsoft.com/v1.0/security';
const XDR = 'https://api.security.microsoft.com/api';

const BOTH = ['SecurityIncident.Read.All', 'Incident.Read', 'Incident.Read.All'];
const APP: Partial<LabCaller> = { roles: BOTH, scopes: [] };
const USER: Partial<LabCaller> = { roles: [], scopes: BOTH, user: person('read') };

async function statuses(caller: Partial<LabCaller>): Promise<readonly number[]> {
  const lab = startLab({}, { caller });
  const answers = await Promise.all([lab.get(`${GRAPH}/incidents`), lab.get(`${XDR}/incidents`)]);
  return answers.map(({ status }) => status);
}

test('a user needs a role in Defender besides the scope; an app does not', async () => {
  expect(await statuses(APP)).toEqual([200, 200]);
  expect(await statuses(USER)).toEqual([200, 200]);
  expect(await statuses({ ...USER, user: person('write') })).toEqual([200, 200]);
  expect(await statuses({ ...USER, user: person('none') })).toEqual([403, 403]);
});

test('app roles of a user do not count, nor scopes of an app', async () => {
  expect(await statuses({ ...USER, scopes: [], roles: BOTH })).toEqual([403, 403]);
  expect(await statuses({ ...APP, roles: [], scopes: BOTH })).toEqual([403, 403]);
});

test('a tenant without a licence is refused, once the permission is there', async () => {
  const lab = startLab({}, { caller: { ...APP, hasDefender: false } });
  const graph = await lab.get(`${GRAPH}/incidents`);
  expect(graph.status).toBe(403);
  expect(graph.text).toContain('not licensed');
  const poor = startLab({}, { caller: { ...APP, roles: [], hasDefender: false } });
  expect((await poor.get(`${GRAPH}/incidents`)).text).toContain('Missing application permissions');
  expect(await statuses({ ...APP, hasDefender: false })).toEqual([403, 403]);
});

test('claims that a token lacks are asked for by a challenge, before anything else', async () => {
  const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } });
  const lab = startLab({}, { caller: { ...USER, user: person('none'), challenge: claims } });
  for (const url of [`${GRAPH}/incidents`, `${XDR}/incidents`]) {
    const { status, headers } = await lab.get(url);
    expect(status).toBe(401);
    const [, encoded = ''] = /^Bearer .*error="insufficient_claims", claims="([^"]+)"$/.exec(
      headers['www-authenticate'] ?? '',
    ) ?? [''];
    expect(Buffer.from(encoded, 'base64').toString()).toBe(claims);
  }
});
