import { beforeEach, describe, expect, it } from 'vitest';
import { createOnboardingRig, FACTS, GRAPH_ROLES, type OnboardingRig } from './onboarding-rig.ts';
import { any, CONFIGURED, guid } from './registry-rig.ts';

const CUSTOMER = guid(1);
const DAY_MS = 86_400_000;

let rig: OnboardingRig;
beforeEach(() => {
  rig = createOnboardingRig();
  rig.consents.set(CUSTOMER, { graph: GRAPH_ROLES });
});

describe('an invitation', () => {
  it('is stored without anything by which its link could be made', async () => {
    const { id, link } = await rig.invite({ tenantId: CUSTOMER, note: 'a note' });
    const { cookie, state } = await rig.opened(link);
    const rows = [];
    for await (const page of rig.store.table.range('tenants', '!', '~')) rows.push(...page);
    const text = JSON.stringify(rows);
    expect(text).toContain(id);
    for (const part of [...link.split('.'), ...cookie.split('.'), ...state.split('.')]) {
      if (part.length >= 20 && part !== id) expect(text).not.toContain(part);
    }
    expect(JSON.stringify(rig.events)).not.toContain(link.split('.')[1]);
  });

  it('registers the tenant that it names as invited, which gets no token by that', async () => {
    await rig.invite({ tenantId: CUSTOMER });
    expect(await rig.stateOf(CUSTOMER)).toBe('invited');
    expect((await rig.directory.getFresh(CUSTOMER))?.enabled).toBe(false);
    await rig.invite({ tenantId: CUSTOMER });
    expect(await rig.audited(CUSTOMER)).toEqual(['registered']);
  });

  it('is refused for a tenant that is there, and with a credential that cannot reach another one', async () => {
    await rig.register(1);
    await expect(rig.invite({ tenantId: CUSTOMER })).rejects.toMatchObject({ code: 'tenant.exists' });
    await expect(rig.invite({ tenantId: CONFIGURED.id })).rejects.toMatchObject({
      code: 'tenant.configured',
    });
    const credential = { kind: 'managedIdentity' } as const;
    await expect(rig.invite({ facts: { ...FACTS, credential } })).rejects.toThrow(/federated/);
  });

  it('is refused where its facts would leave no room for what is noted of it', async () => {
    const tagsOf = (length: number) =>
      Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}`.padEnd(100, 't'), 'x'.repeat(length)]));
    await expect(rig.invite({ facts: { ...FACTS, tags: tagsOf(256) } })).rejects.toMatchObject({
      code: 'request.invalid',
    });
    const { id, link } = await rig.invite({ facts: { ...FACTS, tags: tagsOf(200) } });
    const browser = await rig.opened(link);
    for (let n = 0; n < 70; n++) await rig.back(browser, guid(n + 100));
    expect((await rig.invitations.find(id))?.events).toHaveLength(60);
  });

  it('is withdrawn once, by who has seen it as it is', async () => {
    const { id, link } = await rig.invite();
    await expect(rig.invitations.withdraw(id, () => [7], rig.by)).rejects.toMatchObject({
      code: 'request.precondition_failed',
    });
    await rig.invitations.withdraw(id, () => [1], rig.by);
    await rig.invitations.withdraw(id, any, rig.by);
    expect(await rig.onboarding.open(link, rig.by.log)).toEqual({ kind: 'closed', state: 'withdrawn' });
    expect(await rig.kinds(id)).toEqual(['created', 'withdrawn', 'opened_withdrawn']);
  });
});

describe('opening a link', () => {
  it('writes nothing, as often as it is opened', async () => {
    const { id, link } = await rig.invite();
    for (let time = 0; time < 5; time += 1) await rig.opened(link);
    expect(await rig.invitations.find(id)).toMatchObject({ revision: 1 });
  });

  it('gives each browser another cookie and state', async () => {
    const { link } = await rig.invite();
    const [a, b] = [await rig.opened(link), await rig.opened(link)];
    expect(a.cookie).not.toBe(b.cookie);
    expect(await rig.back({ cookie: a.cookie, state: b.state }, CUSTOMER)).toEqual({
      kind: 'not_this_browser',
    });
  });

  it('is no use with a part of the link, another’s secret or another id', async () => {
    const [first, second] = [await rig.invite(), await rig.invite()];
    const [id = '', secret = ''] = first.link.split('.');
    const wrong = ['', id, secret, `${id}.`, `.${secret}`, `${second.id}.${secret}`, first.link.slice(0, -1)];
    const flipped = `${id}.${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`;
    for (const link of [...wrong, flipped, `${first.link}A`, `${guid(7)}.${secret}`, `${first.link}.`]) {
      expect(await rig.onboarding.open(link, rig.by.log), link).toEqual({ kind: 'unknown_link' });
    }
    expect(await rig.kinds(first.id)).toEqual(['created']);
    expect(rig.events.filter(({ event }) => event === 'tenant.invitation_refused')).toHaveLength(11);
  });

  it('ends with the invitation', async () => {
    const { id, link } = await rig.invite({ days: 2 });
    rig.clock.advance(2 * DAY_MS - 1);
    await rig.opened(link);
    rig.clock.advance(1);
    expect(await rig.onboarding.open(link, rig.by.log)).toEqual({ kind: 'closed', state: 'expired' });
    expect(await rig.kinds(id)).toEqual(['created', 'opened_expired']);
  });
});
