import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processEnvironment } from '../../lab/environment.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { expectProblem } from './expect-problem.ts';
import { createBrowser, type Shown } from './onboarding-browser.ts';
import {
  CALLBACK,
  type Invited,
  MANAGE,
  type OnboardingLab,
  PATH,
  startOnboardingLab,
} from './onboarding-lab.ts';

let lab: OnboardingLab;
beforeAll(async () => {
  lab = await startOnboardingLab();
});
afterAll(() => lab?.app.stop());

const ending = ({ status, title }: Shown) => [status, title];

describe('the whole way', () => {
  test('a link is opened, the admin consents, the tenant is checked, connected and synced by itself', async () => {
    const { id, admin, name } = lab.customer(0);
    lab.app.cloud.defender.tenant(id).createIncident({ displayName: 'Of a new customer' });
    const body = {
      name,
      from: 'Contoso Security',
      note: 'asked for by phone',
      groups: ['emea'],
      tags: { sla: 'gold' },
    };
    const { link, invitationId } = await lab.invite(body);
    expect(link.startsWith(`${CALLBACK}?invitation=${invitationId}.`)).toBe(true);
    expect(JSON.stringify(await lab.lookAt(invitationId))).not.toContain(link.slice(-43));

    const browser = createBrowser(lab.app);
    const welcome = await browser.open(link);
    expect(ending(welcome)).toEqual([200, 'Connect your organization to Contoso Security']);
    expect(welcome.text).toContain('ThreatHunting.Read.All');
    expect(welcome.text).not.toContain('asked for by phone');
    expect(welcome.button?.origin + (welcome.button?.pathname ?? '')).toBe(
      'https://login.microsoftonline.com/organizations/adminconsent',
    );
    expect(welcome.button?.searchParams.get('redirect_uri')).toBe(CALLBACK);

    const back = await browser.consent(welcome, admin);
    expect([back.searchParams.get('admin_consent'), back.searchParams.get('tenant')]).toEqual(['True', id]);
    const connected = await browser.open(back);
    expect(ending(connected)).toEqual([200, 'Your organization is connected']);
    expect(connected.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(connected.headers.get('cache-control')).toBe('no-store');

    const tenant = (await lab.app.call(`/api/tenants/${id}`, MANAGE)).json();
    const by = { kind: 'invitation', objectId: invitationId };
    expect(tenant).toMatchObject({
      state: 'active',
      name,
      groups: ['emea'],
      tags: { sla: 'gold' },
      createdBy: by,
    });
    const audit = (await lab.app.call(`/api/tenants/${id}/audit`, MANAGE)).json<{
      value: { action: string }[];
    }>();
    expect(audit.value.map(({ action }) => action)).toEqual(['activated', 'consented', 'registered']);
    expect(await lab.whatHappened(invitationId)).toEqual(['created', 'connected']);
    let seen = '';
    await waitFor(
      async () => {
        seen = (await lab.app.call(`/api/tenants/${id}/sync`, { roles: ['Incidents.Read'] })).text;
        const { lastPreflight } = (await lab.app.call(`/api/tenants/${id}`, MANAGE)).json();
        return ((JSON.parse(seen) as { incidents: number }).incidents > 0 && lastPreflight) || undefined;
      },
      () => seen,
    );

    // Again: the page tells the same, the link leads nowhere, and nothing comes of either.
    expect(ending(await browser.open(back))).toEqual(ending(connected));
    expect(ending(await browser.open(link))).toEqual([410, 'This invitation has been used']);
    const stranger = await createBrowser(lab.app).open(back);
    expect(ending(stranger)).toEqual([400, 'Open the link again']);
    expect(stranger.text).toContain('This browser has opened none that fits. Nothing was changed here.');
    expect(
      (await lab.app.call(`/api/tenants/${id}/audit`, MANAGE)).json<{ value: object[] }>().value,
    ).toHaveLength(3);
  }, 180_000);

  test('two windows that come back at once connect the tenant once', async () => {
    const { id, admin } = lab.customer(1);
    const { link, invitationId } = await lab.invite({ tenantId: id });
    expect(await lab.stateOf(id)).toBe('invited');
    const browsers = [createBrowser(lab.app), createBrowser(lab.app)];
    const backs = await Promise.all(
      browsers.map(async (browser) => ({
        browser,
        back: await browser.consent(await browser.open(link), admin),
      })),
    );
    const ends = await Promise.all([...backs, ...backs].map(({ browser, back }) => browser.open(back)));
    expect(ends.map(ending)).toEqual(ends.map(() => [200, 'Your organization is connected']));
    const audit = (await lab.app.call(`/api/tenants/${id}/audit`, MANAGE)).json<{
      value: { action: string }[];
    }>();
    expect(audit.value.map(({ action }) => action)).toEqual(['activated', 'consented', 'registered']);
    expect(await lab.whatHappened(invitationId)).toEqual(['created', 'connected']);
  });
});

describe('nothing comes of', () => {
  test('a no, another tenant, an invitation that is withdrawn or over, however far somebody got', async () => {
    const [wanted, other] = [lab.customer(2), lab.customer(3)];
    const { link, invitationId } = await lab.invite({ tenantId: wanted.id });
    const browser = createBrowser(lab.app);
    const welcome = await browser.open(link);
    const no = await browser.open(await browser.consent(welcome, 'cancel'));
    expect(ending(no)).toEqual([403, 'You did not consent']);

    // The admin of another tenant goes to their own consent page, and brings its answer back here.
    const elsewhere = new URL(welcome.button?.href.replace(wanted.id, 'organizations') ?? '');
    const theirs = await browser.consent({ ...welcome, button: elsewhere }, other.admin);
    const refused = await browser.open(theirs);
    expect(ending(refused)).toEqual([403, 'This invitation is for another directory']);
    expect(refused.text).not.toContain(other.id);
    expectProblem(await lab.app.call(`/api/tenants/${other.id}`, MANAGE), 404, 'tenant.unknown');

    const mine = await browser.consent(welcome, wanted.admin);
    const path = `${PATH}/${invitationId}`;
    expectProblem(
      await lab.app.call(path, { ...MANAGE, method: 'DELETE' }),
      428,
      'request.precondition_missing',
    );
    const withdrawn = await lab.app.call(path, { ...MANAGE, method: 'DELETE', headers: { 'if-match': '*' } });
    expect(withdrawn.json()).toMatchObject({ state: 'withdrawn' });
    expect(ending(await browser.open(mine))).toEqual([410, 'This invitation was withdrawn']);

    const second = await lab.invite({ tenantId: wanted.id });
    const again = await browser.consent(await browser.open(second.link), wanted.admin);
    await promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, 'fixtures/expire-invitation.ts'), second.invitationId],
      { env: processEnvironment(lab.app.cloud.env, process.env) },
    );
    expect(ending(await browser.open(again))).toEqual([410, 'This invitation has expired']);
    expect(ending(await browser.open(second.link))).toEqual([410, 'This invitation has expired']);
    expect(await lab.stateOf(wanted.id)).toBe('invited');
    expect(await lab.whatHappened(invitationId)).toEqual([
      'created',
      'consent_refused',
      'other_tenant',
      'withdrawn',
      'opened_withdrawn',
    ]);
    expect(await lab.whatHappened(second.invitationId)).toEqual([
      'created',
      'opened_expired',
      'opened_expired',
    ]);
  });

  test('what the callback claims, where nobody consented, and of what was made up; strangers cause no request', async () => {
    const { id } = lab.customer(2);
    const { link, invitationId } = await lab.invite();
    const browser = createBrowser(lab.app);
    const state = (await browser.open(link)).button?.searchParams.get('state') ?? '';
    const claim = (from: string, tenant: string): string =>
      `${CALLBACK}?admin_consent=True&tenant=${tenant}&state=${from}`;
    const [configured] = lab.app.cloud.world.tenants;
    // One that never consented, and one that the settings name.
    const [nobody, served] = [lab.customer(3).id, configured?.id ?? ''];
    delete lab.reader.grants[nobody];
    const [unknown, known] = await Promise.all([
      browser.open(claim(state, nobody)),
      browser.open(claim(state, served)),
    ]);
    expect(ending(unknown)).toEqual([409, 'Your consent has not arrived yet']);
    expect([known.status, known.text.replaceAll(served, '')]).toEqual([
      unknown.status,
      unknown.text.replaceAll(nobody, ''),
    ]);
    const noted = (await lab.lookAt(invitationId)).events.slice(1).map(({ what }) => what);
    expect(noted.sort()).toEqual(['tenant_taken', 'unconfirmed']);

    const before = lab.askedOf(id);
    const forged = [`${state}x`, state.slice(0, -1), `${id}${state.slice(36)}`, '', 'x'];
    for (const each of forged) {
      expect(ending(await browser.open(claim(each, id)))).toEqual([400, 'Open the link again']);
    }
    expect(ending(await createBrowser(lab.app).open(claim(state, id)))).toEqual([400, 'Open the link again']);
    for (const made of [`${link}A`, link.slice(0, -1), link.replace(invitationId, id)]) {
      const shown = await createBrowser(lab.app).open(made);
      expect([...ending(shown), shown.headers.get('set-cookie')]).toEqual([
        404,
        'This link is not valid',
        null,
      ]);
    }
    expect(lab.askedOf(id)).toBe(before);
    expect(lab.askedOf(nobody)).toBeGreaterThan(0);
    expect(await lab.whatHappened(invitationId)).toHaveLength(3);
  });
});

test('a consent that lacks a role leaves the tenant consented; once it is there, the same link connects it', async () => {
  const { id, admin } = lab.customer(2);
  const { link } = await lab.invite({ tenantId: id });
  const all = lab.reader.requires ?? [];
  delete lab.reader.grants[id];
  lab.reader.requires = all.map((each) => ({
    ...each,
    roles: each.roles.filter((role) => role !== 'ThreatHunting.Read.All'),
  }));
  const browser = createBrowser(lab.app);
  const missing = await browser.open(await browser.consent(await browser.open(link), admin));
  lab.reader.requires = all;
  expect(ending(missing)).toEqual([409, 'Permissions are missing']);
  expect(missing.text).toContain('ThreatHunting.Read.All');
  expect(missing.text).not.toContain('SecurityIncident.Read.All');
  expect(await lab.stateOf(id)).toBe('consented');
  const calls = () => lab.app.cloud.tenants().find((tenant) => tenant.id === id)?.apiCalls;
  expect(calls()).toBe(0);
  const done = await browser.open(await browser.consent(await browser.open(link), admin));
  expect(ending(done)).toEqual([200, 'Your organization is connected']);
  expect(await lab.stateOf(id)).toBe('active');
  await waitFor(
    async () => Boolean(calls()) || undefined,
    () => 'its data was never asked for',
  );
});

describe('those who invite', () => {
  test('are told everything that is wrong', async () => {
    const body = {
      tenantId: 'contoso.com',
      credential: { kind: 'secret' },
      days: 31,
      from: 'a\nb',
      nmae: 'x',
    };
    const answer = await lab.app.call(PATH, { ...MANAGE, method: 'POST', body });
    const { errors } = expectProblem(answer, 400, 'request.invalid') as unknown as { errors: string[] };
    for (const words of [
      /tenantId: .*GUID/,
      /credential\./,
      /days: .*1 to 30/,
      /from: .*one line/,
      /nmae: .*name/,
    ]) {
      expect(errors.join('\n')).toMatch(words);
    }
    const [configured] = lab.app.cloud.world.tenants;
    const there = await lab.app.call(PATH, {
      ...MANAGE,
      method: 'POST',
      body: { tenantId: configured?.id, credential: lab.credential },
    });
    expectProblem(there, 409, 'tenant.configured');
  });

  test('see those of their groups, without any link', async () => {
    const roles = ['Tenants.Manage', 'Tenants.Group.apac'];
    const { invitationId } = await lab.invite({ groups: ['apac'] });
    const seen = await lab.app.call(PATH, { roles });
    const { value } = seen.json<{ value: Invited[] }>();
    expect(value.map((each) => each.invitationId)).toEqual([invitationId]);
    expect(seen.text).not.toMatch(/"link"|[Hh]ash/);
    const all = (await lab.app.call(`${PATH}?top=1000`, MANAGE)).json<{ value: Invited[] }>().value;
    expect(all.length).toBeGreaterThan(4);
    const used = (await lab.app.call(`${PATH}?state=used`, MANAGE)).json<{ value: Invited[] }>().value;
    expect(used.map(({ state }) => state)).toEqual(['used', 'used', 'used']);
    const hidden = all.find((each) => each.invitationId !== invitationId)?.invitationId;
    expectProblem(await lab.app.call(`${PATH}/${hidden}`, { roles }), 404, 'request.not_found');
    expectProblem(
      await lab.app.call(PATH, { roles, method: 'POST', body: { credential: lab.credential, groups: [] } }),
      403,
      'request.forbidden',
    );
  });
});
