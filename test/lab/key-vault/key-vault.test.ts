import { beforeEach, describe, expect, test } from 'vitest';
import { createKeyVault, type KeyVault } from '../../../lab/key-vault/key-vault.ts';
import type { LabAnswer } from '../../../lab/service.ts';
import { CUSTOMER, createLab, HOME, type Lab, NOON, READER, request } from '../entra/fixture.ts';

const HOST = 'kv-outrider.vault.azure.net';
const VAULT = 'https://vault.azure.net';
const CHALLENGE = `Bearer authorization="https://login.microsoftonline.com/${HOME}", resource="${VAULT}"`;

let lab: Lab;
let vault: KeyVault;

beforeEach(() => {
  lab = createLab();
  vault = createKeyVault({
    host: HOST,
    tenantId: HOME,
    judge: lab.entra.judge,
    clock: lab.clock,
    mayRead: (caller) => caller.appId === READER,
  });
});

async function read(
  path: string,
  { tenantId = HOME, appId = READER, audience = VAULT, version = '7.5', method = 'GET' } = {},
): Promise<LabAnswer> {
  const token = await lab.entra.issue({ tenantId, appId, audience });
  const headers = { authorization: `Bearer ${token}` };
  return vault.service.handle(request(method, `https://${HOST}${path}?api-version=${version}`, { headers }));
}

function codeOf({ status, body }: LabAnswer): [status: number, code: string, inner: string | undefined] {
  const { error } = body as { error: { code: string; innererror?: { code: string } } };
  return [status, error.code, error.innererror?.code];
}

describe('a secret', () => {
  test('is read by name, with or without the slash that the SDK appends', async () => {
    const version = vault.setSecret('app-secret', 'hush');
    for (const path of ['/secrets/app-secret', '/secrets/app-secret/', `/secrets/APP-secret/${version}`]) {
      expect(await read(path)).toMatchObject({
        status: 200,
        body: { value: 'hush', id: expect.stringMatching(new RegExp(`/${version}$`)) },
      });
    }
    expect(vault.reads('app-secret')).toBe(3);
  });

  test('says all that it says in Azure', async () => {
    const version = vault.setSecret('certificate', 'PEM', {
      contentType: 'application/x-pem-file',
      notBefore: NOON - 1000,
      expires: NOON + 1000,
    });
    expect((await read('/secrets/certificate')).body).toEqual({
      value: 'PEM',
      contentType: 'application/x-pem-file',
      id: `https://${HOST}/secrets/certificate/${version}`,
      attributes: {
        enabled: true,
        nbf: NOON / 1000 - 1,
        exp: NOON / 1000 + 1,
        created: NOON / 1000,
        updated: NOON / 1000,
        recoveryLevel: 'Recoverable+Purgeable',
        recoverableDays: 90,
      },
    });
    expect(version).toMatch(/^[0-9a-f]{32}$/);
  });

  test('has its newest version by default, and the older one by name', async () => {
    const old = vault.setSecret('rotated', 'old');
    vault.setSecret('rotated', 'new');
    expect((await read('/secrets/rotated')).body).toHaveProperty('value', 'new');
    expect((await read(`/secrets/rotated/${old}`)).body).toHaveProperty('value', 'old');
  });

  test('is handed out outside of its dates, which only inform', async () => {
    vault.setSecret('expired', 'still', { expires: NOON - 1 });
    vault.setSecret('early', 'already', { notBefore: NOON + 86_400_000 });
    expect((await read('/secrets/expired')).status).toBe(200);
    expect((await read('/secrets/early')).status).toBe(200);
  });

  test('that is not there, or no longer', async () => {
    expect(codeOf(await read('/secrets/nothing'))).toEqual([404, 'SecretNotFound', undefined]);
    const version = vault.setSecret('gone', 'value');
    expect(codeOf(await read(`/secrets/gone/${'0'.repeat(32)}`))[1]).toBe('SecretNotFound');
    vault.deleteSecret('gone');
    expect(codeOf(await read(`/secrets/gone/${version}`))[1]).toBe('SecretNotFound');
    expect(vault.reads('gone')).toBe(0);
  });

  test('that is disabled, until it is enabled again', async () => {
    vault.setSecret('off', 'value', { enabled: false });
    expect(codeOf(await read('/secrets/off'))).toEqual([403, 'Forbidden', 'SecretDisabled']);
    lab.clock.time = NOON + 5000;
    vault.setEnabled('off', true);
    expect((await read('/secrets/off')).body).toMatchObject({
      attributes: { enabled: true, created: NOON / 1000, updated: NOON / 1000 + 5 },
    });
    expect(() => vault.setEnabled('none', true)).toThrow(/no secret none/);
  });

  test('is disabled version by version', async () => {
    const old = vault.setSecret('rotated', 'old');
    vault.setSecret('rotated', 'new');
    vault.setEnabled('rotated', false, old);
    expect(codeOf(await read(`/secrets/rotated/${old}`))).toEqual([403, 'Forbidden', 'SecretDisabled']);
    expect((await read('/secrets/rotated')).body).toHaveProperty('value', 'new');
  });
});

describe('refused', () => {
  test('without a token, with the challenge that tells where to get one', async () => {
    vault.setSecret('app-secret', 'hush');
    const answer = await vault.service.handle(
      request('GET', `https://${HOST}/secrets/app-secret/?api-version=7.5`),
    );
    expect(codeOf(answer)).toEqual([401, 'Unauthorized', undefined]);
    expect(answer.headers).toEqual({ 'www-authenticate': CHALLENGE });
  });

  test.each([
    ['for another resource', { audience: 'https://storage.azure.com' }],
    ['for the vault with a slash behind', { audience: `${VAULT}/` }],
    ['of another tenant', { tenantId: CUSTOMER }],
  ])('a token %s', async (_which, options) => {
    const answer = await read('/secrets/app-secret', options);
    expect(codeOf(answer)).toEqual([401, 'Unauthorized', undefined]);
    expect(answer.headers).toEqual({ 'www-authenticate': CHALLENGE });
  });

  test('a caller without a role, whether the secret is there or not', async () => {
    vault.setSecret('app-secret', 'hush');
    for (const name of ['app-secret', 'nothing']) {
      const answer = await read(`/secrets/${name}`, { appId: CUSTOMER });
      expect(codeOf(answer)).toEqual([403, 'Forbidden', 'ForbiddenByRbac']);
      expect(JSON.stringify(answer)).not.toContain('hush');
    }
  });

  test('an api-version that is missing or too old, other methods, other paths', async () => {
    vault.setSecret('app-secret', 'hush');
    expect(codeOf(await read('/secrets/app-secret', { version: '' }))[1]).toBe('BadParameter');
    expect(codeOf(await read('/secrets/app-secret', { version: '2015-06' }))[1]).toBe('BadParameter');
    expect((await read('/secrets/app-secret', { version: '2025-07-01' })).status).toBe(200);
    expect((await read('/secrets/app-secret', { method: 'PUT' })).status).toBe(405);
    expect((await read('/keys/app-secret')).status).toBe(404);
  });
});

test('a vault of the government cloud sends its clients to that cloud', async () => {
  const government = createKeyVault({
    host: 'kv-outrider.vault.usgovcloudapi.net',
    tenantId: HOME,
    judge: lab.entra.judge,
    clock: lab.clock,
    mayRead: () => true,
  });
  const answer = await government.service.handle(
    request('GET', 'https://kv-outrider.vault.usgovcloudapi.net/secrets/x?api-version=7.5'),
  );
  expect(answer.headers?.['www-authenticate']).toBe(
    `Bearer authorization="https://login.microsoftonline.us/${HOME}", resource="https://vault.usgovcloudapi.net"`,
  );
});
