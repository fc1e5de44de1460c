import { describe, expect, test } from 'vitest';
import type { TokenOrder } from '../../../lab/entra/token-issuer.ts';
import {
  ANALYST,
  CLI,
  CUSTOMER,
  createAppCertificate,
  createLab,
  GRAPH,
  HOME,
  type Lab,
  NOON,
  READER,
  signWith,
} from './fixture.ts';

function graphToken({ entra }: Lab, tenantId = CUSTOMER, lifetimeSeconds = 3600): Promise<string> {
  return entra.issue({ tenantId, appId: READER, audience: GRAPH, roles: ['Reader'], lifetimeSeconds });
}

test('a good token tells who calls', async () => {
  const lab = createLab();
  expect(await lab.entra.judge.verify(`Bearer ${await graphToken(lab)}`, [GRAPH])).toEqual({
    ok: true,
    caller: { tenantId: CUSTOMER, appId: READER, roles: ['Reader'], scopes: [] },
  });
});

describe('refused', () => {
  test('nothing, and schemes other than Bearer', async () => {
    const { entra } = createLab();
    for (const header of [undefined, '', 'Bearer ', 'Basic dXNlcjpwYXNz']) {
      expect(await entra.judge.verify(header, [GRAPH])).toEqual({ ok: false, reason: 'missing' });
    }
  });

  test('what is no JWT', async () => {
    const { entra } = createLab();
    for (const token of ['x', 'a.b.c', 'e30.e30']) {
      expect(await entra.judge.verify(`Bearer ${token}`, [GRAPH])).toEqual({
        ok: false,
        reason: 'malformed',
      });
    }
  });

  test('another audience, a slash at its end included', async () => {
    const lab = createLab();
    const token = await graphToken(lab);
    for (const audience of ['https://storage.azure.com', `${GRAPH}/`]) {
      const verdict = await lab.entra.judge.verify(`Bearer ${token}`, [audience]);
      expect(verdict).toEqual({ ok: false, reason: 'audience' });
    }
  });

  test('a token from the second it expires, unless a skew is set', async () => {
    const lab = createLab();
    const token = `Bearer ${await graphToken(lab)}`;
    lab.clock.time = NOON + 3_599_999;
    expect(await lab.entra.judge.verify(token, [GRAPH])).toMatchObject({ ok: true });
    lab.clock.time = NOON + 3_600_000;
    expect(await lab.entra.judge.verify(token, [GRAPH])).toEqual({ ok: false, reason: 'expired' });
    lab.entra.settings.expirySkewSeconds = 300;
    expect(await lab.entra.judge.verify(token, [GRAPH])).toMatchObject({ ok: true });
  });

  test('a token from an Entra ID whose clock is far ahead', async () => {
    const lab = createLab();
    lab.entra.settings.clockOffsetSeconds = 3600;
    const verdict = await lab.entra.judge.verify(`Bearer ${await graphToken(lab)}`, [GRAPH]);
    expect(verdict).toEqual({ ok: false, reason: 'expired' });
  });

  test('a token of another lab', async () => {
    const stranger = await graphToken(createLab());
    const { entra } = createLab();
    expect(await entra.judge.verify(`Bearer ${stranger}`, [GRAPH])).toEqual({
      ok: false,
      reason: 'signature',
    });
  });

  test('a token whose claims were changed on the way, to another tenant', async () => {
    const lab = createLab();
    const [header, payload, signature] = (await graphToken(lab)).split('.');
    const claims = Buffer.from(payload ?? '', 'base64url')
      .toString('utf8')
      .replaceAll(CUSTOMER, HOME);
    const forged = [header, Buffer.from(claims).toString('base64url'), signature].join('.');
    expect(await lab.entra.judge.verify(`Bearer ${forged}`, [GRAPH])).toEqual({
      ok: false,
      reason: 'signature',
    });
  });

  test('a token that somebody else signed under the name of a published key', async () => {
    const lab = createLab();
    const [header, payload] = (await graphToken(lab)).split('.');
    const stranger = await createAppCertificate();
    const forged = await signWith(
      stranger.key,
      JSON.parse(Buffer.from(header ?? '', 'base64url').toString('utf8')),
      JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8')),
    );
    expect(await lab.entra.judge.verify(`Bearer ${forged}`, [GRAPH])).toEqual({
      ok: false,
      reason: 'signature',
    });
  });

  test('a token whose issuer is no longer the one of its tenant', async () => {
    const lab = createLab();
    const token = await lab.entra.issue({ tenantId: HOME, appId: READER, audience: READER });
    expect(await lab.entra.judge.verify(`Bearer ${token}`, [READER])).toMatchObject({ ok: true });
    for (const tenant of lab.directory.tenants) tenant.cloud = 'usgov';
    expect(await lab.entra.judge.verify(`Bearer ${token}`, [READER])).toEqual({
      ok: false,
      reason: 'issuer',
    });
  });

  test('a token of a tenant that is gone', async () => {
    const lab = createLab();
    const token = await graphToken(lab);
    lab.directory.tenants.splice(1, 1);
    expect(await lab.entra.judge.verify(`Bearer ${token}`, [GRAPH])).toEqual({ ok: false, reason: 'issuer' });
  });
});

test('a token for a tenant that is not there cannot be ordered', async () => {
  const { entra } = createLab();
  await expect(entra.issue({ tenantId: READER, appId: READER, audience: GRAPH })).rejects.toThrow(
    /no tenant/,
  );
});

describe('what else a service learns of a caller', () => {
  const ORDER = { tenantId: HOME, appId: CLI, audience: GRAPH, scopes: ['SecurityIncident.Read.All'] };

  async function callerOf(lab: ReturnType<typeof createLab>, order: Partial<TokenOrder> = {}) {
    const token = await lab.entra.issue({ ...ORDER, objectId: ANALYST, ...order });
    const verdict = await lab.entra.judge.verify(`Bearer ${token}`, [GRAPH]);
    if (!verdict.ok) throw new Error(verdict.reason);
    return verdict.caller;
  }

  test('the user and the right in Defender, as the directory has it now', async () => {
    const lab = createLab();
    expect((await callerOf(lab)).user).toEqual({
      id: ANALYST,
      name: 'ana@contoso.example',
      defender: 'read',
    });
    lab.analyst.defender = 'none';
    expect((await callerOf(lab)).user?.defender).toBe('none');
    expect((await callerOf(lab, { scopes: [] })).user).toBeUndefined();
  });

  test('an authentication context that users’ tokens must show', async () => {
    const lab = createLab();
    const [home] = lab.directory.tenants;
    if (home) home.challenges = [{ kind: 'context', context: 'c1', resource: GRAPH }];
    expect((await callerOf(lab)).challenge).toBe('{"access_token":{"acrs":{"essential":true,"value":"c1"}}}');
    expect((await callerOf(lab, { contexts: ['c1'] })).challenge).toBeUndefined();
    expect((await callerOf(lab, { scopes: [] })).challenge).toBeUndefined();
    if (home) home.challenges = [{ kind: 'context', context: 'c1', resource: 'https://vault.azure.net' }];
    expect((await callerOf(lab)).challenge).toBeUndefined();
  });

  test('that tokens from before a moment no longer count, for clients that understand it', async () => {
    const lab = createLab();
    const [home] = lab.directory.tenants;
    if (home) home.challenges = [{ kind: 'revoked', before: NOON + 1000, objectId: ANALYST }];
    expect((await callerOf(lab)).challenge).toBeUndefined();
    const aware = { capabilities: ['cp1'] };
    expect((await callerOf(lab, aware)).challenge).toBe(
      `{"access_token":{"nbf":{"essential":true,"value":"${NOON / 1000 + 1}"}}}`,
    );
    lab.clock.time += 1000;
    expect((await callerOf(lab, aware)).challenge).toBeUndefined();
  });
});
