import { describe, expect, it } from 'vitest';
import { CLOUDS } from '../../shared/clouds.ts';
import { PERMISSIONS, type Permission } from '../../shared/permissions.ts';
import { CAPABILITIES } from '../../shared/preflight/needs.ts';
import { APP, allRoles, fault, NOW, play, TENANT_ID } from './rig.ts';

const CONSENT = `https://login.microsoftonline.com/${TENANT_ID}/adminconsent?client_id=${APP}`;
const without = (name: string) => (resource: Parameters<typeof allRoles>[0]) => ({
  held: allRoles(resource).filter((role) => !role.startsWith(name)),
});

describe('a tenant where all is well', () => {
  it('is ok, by one token for each API and one call for each capability', async () => {
    const found = await play();
    expect(found).toMatchObject({ ok: true, tenantId: TENANT_ID, atMs: NOW, notes: [] });
    expect(found.capabilities.map(({ state, next }) => [state, next])).toEqual(
      CAPABILITIES.map(() => ['ok', undefined]),
    );
    expect([...found.calls].sort()).toEqual([...CAPABILITIES].sort());
    expect(found.tokens).toEqual(['graph', 'mde']);
    expect(found.of('incidents').seen).toMatchObject({ by: 'call', status: 200 });
  });

  it('on the Defender XDR API has alerts with its incidents, and hunting that ends', async () => {
    const found = await play({ tenant: { api: 'xdr', huntingApi: 'xdr' } });
    expect(found.ok).toBe(true);
    expect(found.calls).not.toContain('alerts');
    expect(found.calls.filter((name) => name === 'incidents')).toHaveLength(1);
    expect(found.of('alerts').seen.text).toMatch(/^They come with the incidents/);
    expect(found.notes.join()).toMatch(/stops on 2027-02-01: set "huntingApi" to "graph"/);
  });

  it('has what no token can say told by calls, where tokens cannot be read', async () => {
    const blind = { token: () => ({ held: undefined }) };
    expect(await play(blind)).toMatchObject({ ok: true });
    const refused = await play({ ...blind, call: () => fault('upstream.forbidden', { status: 403 }) });
    expect(refused.of('incidents').state).toBe('roleMissing');
  });

  it('is asked for what is wanted alone', async () => {
    const found = await play({ check: { capabilities: ['hunting'] } });
    expect([found.calls, found.tokens, found.capabilities.length]).toEqual([['hunting'], ['graph'], 1]);
  });
});

describe('what the claims of a token tell', () => {
  it('no role at all: nobody has consented; nothing is called', async () => {
    const found = await play({ token: (resource) => (resource === 'graph' ? { held: [] } : {}) });
    const { state, seen, next } = found.of('incidents');
    expect([state, seen.by, next?.link]).toEqual(['notConsented', 'claims', CONSENT]);
    expect(seen.text).toBe('The token for Microsoft Graph has no roles.');
    expect(next?.permissions).toEqual(['SecurityIncident.Read.All']);
    expect(found.calls).toEqual(['deviceActions']);
  });

  it('a role that is missing among others: the least that would do is named', async () => {
    const found = await play({ token: without('SecurityAlert') });
    const { state, next } = found.of('alerts');
    expect([state, next?.link, next?.permissions]).toEqual([
      'roleMissing',
      CONSENT,
      ['SecurityAlert.Read.All'],
    ]);
    expect(next?.text).toContain(
      `Add the application permission SecurityAlert.Read.All of Microsoft Graph to the registration of the app ${APP}`,
    );
    expect(found.calls).not.toContain('alerts');
    expect([found.ok, found.of('incidents').state]).toEqual([false, 'ok']);
  });

  it('reading incidents is enough, and that they cannot be changed is told beside it', async () => {
    const found = await play({ token: () => ({ held: ['SecurityIncident.Read.All'] }) });
    expect(found.of('incidents').state).toBe('ok');
    expect(found.of('incidents').permissions).toEqual([
      { purpose: 'read incidents', allowed: true, needs: 'SecurityIncident.Read.All', changes: false },
      { purpose: 'update incidents', allowed: false, needs: 'SecurityIncident.ReadWrite.All', changes: true },
    ]);
  });

  it('reading devices is not enough to act on them; the acting permission is never tried', async () => {
    const found = await play({ token: without('Machine.Isolate') });
    expect(found.of('deviceActions')).toMatchObject({
      state: 'roleMissing',
      next: { permissions: ['Machine.Isolate'] },
    });
  });

  it('a person without a scope: consent is missing; with it and refused: a role in Defender', async () => {
    const user = { kind: 'user', held: ['SecurityIncident.Read.All'] } as const;
    const found = await play({ token: () => user, call: () => fault('upstream.forbidden', { status: 403 }) });
    expect(found.of('hunting')).toMatchObject({
      state: 'notConsented',
      next: { permissions: ['ThreatHunting.Read.All'] },
    });
    expect(found.of('incidents').state).toBe('roleMissing');
    expect(found.of('incidents').next?.text).toMatch(/Security Reader/);
    expect(found.of('incidents').next?.link).toBeUndefined();
  });

  it('a managed identity is assigned its roles, not consented to', async () => {
    const found = await play({
      token: () => ({ held: [] }),
      tenant: { credential: { kind: 'managedIdentity' } },
    });
    const { next } = found.of('incidents');
    expect(next?.link).toBeUndefined();
    expect(next?.text).toMatch(
      /Assign the app role SecurityIncident.Read.All of Microsoft Graph \(00000003-/,
    );
  });

  it('every permission of the table is looked at in a tenant of its family', async () => {
    const seen = new Set<string>();
    for (const api of ['graph', 'xdr'] as const) {
      const { capabilities } = await play({ tenant: { api, huntingApi: api } });
      for (const { resource, permissions } of capabilities)
        for (const { purpose, needs } of permissions) seen.add(`${resource} ${purpose} ${needs}`);
    }
    const rows: readonly Permission[] = PERMISSIONS;
    expect([...seen].sort()).toEqual(
      rows.map(({ resource, purpose, roles }) => `${resource} ${purpose} ${roles[0]}`).sort(),
    );
  });
});

describe('what a refused sign-in tells', () => {
  it.each([
    ['auth.app_not_in_tenant', 'appNotInTenant'],
    ['auth.api_not_in_tenant', 'servicePrincipalMissing'],
    ['auth.access_blocked', 'blockedByConditionalAccess'],
    ['auth.tenant_unknown', 'wrongCloud'],
    ['auth.secret_wrong', 'credentialWrong'],
    ['auth.secret_expired', 'credentialExpired'],
    ['auth.certificate_expired', 'credentialExpired'],
    ['auth.throttled', 'throttled'],
    ['auth.unavailable', 'unreachable'],
    ['vault.not_found', 'credentialWrong'],
    ['config.invalid', 'credentialWrong'],
  ] as const)('%s is %s, with the service’s own code', async (code, state) => {
    const error = fault(code, { status: 400, serviceCode: 'AADSTS1', trackingId: 't' });
    const found = await play({ token: () => error });
    expect(found.calls).toEqual([]);
    expect(found.of('incidents')).toMatchObject({
      state,
      seen: {
        by: 'signIn',
        code,
        status: 400,
        serviceCode: 'AADSTS1',
        text: 'Sign-in answered 400, AADSTS1.',
      },
      permissions: [],
    });
    expect(found.of('incidents').next?.text).not.toBe('');
  });

  it('of one API leaves the others alone', async () => {
    const found = await play({ token: (api) => (api === 'mde' ? fault('auth.api_not_in_tenant') : {}) });
    expect(found.capabilities.map(({ state }) => state)).toEqual([
      'ok',
      'ok',
      'ok',
      'servicePrincipalMissing',
      'ok',
    ]);
    expect(found.of('deviceActions').next?.text).toContain(
      'az ad sp create --id fc780465-2017-40d4-a0c5-307022471b92',
    );
  });

  it('an identity that is not assigned is a wrong credential, an endpoint that is away is not', async () => {
    const of = async (status?: number) =>
      (await play({ token: () => fault('auth.managed_identity_unavailable', status ? { status } : {}) })).of(
        'incidents',
      ).state;
    expect([await of(404), await of(500), await of()]).toEqual([
      'credentialWrong',
      'unreachable',
      'unreachable',
    ]);
  });

  it('trouble of our own is no state of the tenant', async () => {
    await expect(play({ token: () => fault('storage.unavailable') })).rejects.toMatchObject({
      code: 'storage.unavailable',
    });
    await expect(play({ call: () => fault('internal') })).rejects.toMatchObject({ code: 'internal' });
  });

  it('a tenant that is not in service is not asked', async () => {
    await expect(play({ tenant: { enabled: false } })).rejects.toMatchObject({ code: 'tenant.disabled' });
  });
});

describe('what a call tells, once the claims are there', () => {
  it.each([
    ['upstream.forbidden', {}, 'withoutLicence'],
    ['upstream.forbidden', { serviceCode: 'insufficient_claims' }, 'blockedByConditionalAccess'],
    ['upstream.unauthorized', { claims: '{}' }, 'blockedByConditionalAccess'],
    ['upstream.unauthorized', {}, 'credentialWrong'],
    ['upstream.throttled', { retryAfterMs: 7_000 }, 'throttled'],
    ['pace.exhausted', { retryAfterMs: 7_000 }, 'throttled'],
    ['hunt.cpu_quota', {}, 'throttled'],
    ['upstream.unreachable', {}, 'unreachable'],
    ['upstream.timeout', {}, 'unreachable'],
    ['upstream.unavailable', { status: 503 }, 'unreachable'],
  ] as const)('%s %j is %s', async (code, facts, state) => {
    const found = await play({ call: () => fault(code, facts) });
    expect(found.of('hunting')).toMatchObject({ state, seen: { by: 'call', code } });
    if (state === 'throttled')
      expect(found.of('hunting').seen.text).toMatch(/ has not answered: a quota is used up \(/);
    if (state === 'throttled' && 'retryAfterMs' in facts)
      expect(found.of('hunting').next?.text).toMatch(/Check again in 7 seconds/);
  });

  it('the licence is named by capability', async () => {
    const found = await play({ call: () => fault('upstream.forbidden', { status: 403 }) });
    expect(found.of('deviceActions').next?.text).toMatch(/Microsoft Defender for Endpoint/);
    expect(found.of('identityActions').next?.text).toMatch(/Microsoft Defender for Identity/);
    expect(found.of('incidents').next?.text).toMatch(/Microsoft Defender XDR/);
  });

  it('a tenant that says that it is in another cloud is there, not without licence', async () => {
    const found = await play({ call: () => fault('upstream.forbidden', { status: 403 }), otherCloud: 'gcc' });
    expect(found.of('incidents')).toMatchObject({ state: 'wrongCloud', seen: { status: 403 } });
    expect(found.of('incidents').next?.text).toMatch(/in the cloud gcc.*OUTRIDER_CLOUD is gcc/);
  });

  it('identity actions are not offered in the US government clouds, and not called there', async () => {
    const found = await play({ check: { cloud: CLOUDS.dod } });
    expect(found.of('identityActions')).toMatchObject({ state: 'wrongCloud', seen: { by: 'rule' } });
    expect(found.calls).not.toContain('identityActions');
    expect(found.of('incidents').state).toBe('ok');
  });
});

describe('a credential that expires', () => {
  const DAY = 86_400_000;
  it.each([
    [31, undefined, undefined],
    [30, 30, /The secret of this tenant expires in 30 days \(2026-12-21\)/],
    [0.5, 0, /expires within a day/],
    [-2, -2, /has expired on 2026-11-19/],
  ] as const)('in %d days', async (days, told, words) => {
    const found = await play({ expiresAtMs: NOW + days * DAY });
    expect(found.credential).toEqual({ kind: 'secret', expiresAtMs: NOW + days * DAY, expiresInDays: told });
    expect(found.ok).toBe(true);
    if (words) expect(found.notes.join()).toMatch(words);
    else expect(found.notes).toEqual([]);
  });
});
