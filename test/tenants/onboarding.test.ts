import { beforeEach, describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { MOST_EVENTS } from '../../shared/tenants/onboarding/invitation.ts';
import { createOnboardingRig, FACTS, GRAPH_ROLES, type OnboardingRig } from './onboarding-rig.ts';
import { any, CONFIGURED, guid } from './registry-rig.ts';

const CUSTOMER = guid(1);
const OTHER = guid(2);
const DAY_MS = 86_400_000;

let rig: OnboardingRig;
beforeEach(() => {
  rig = createOnboardingRig();
  rig.consents.set(CUSTOMER, { graph: GRAPH_ROLES });
});

describe('coming back', () => {
  it('connects the tenant: registered, consented, active, told once', async () => {
    const { id, link } = await rig.invite({ facts: { ...FACTS, name: 'Fabrikam', groups: ['emea'] } });
    const browser = await rig.opened(link);
    expect(await rig.back(browser, CUSTOMER.toUpperCase())).toEqual({
      kind: 'connected',
      tenantId: CUSTOMER,
    });
    expect(await rig.audited(CUSTOMER)).toEqual(['registered', 'consented', 'activated']);
    const record = await rig.registry.get(CUSTOMER);
    const by = { kind: 'invitation', objectId: id };
    expect(record).toMatchObject({ name: 'Fabrikam', groups: ['emea'], createdBy: by, changedBy: by });
    expect(rig.activated.map((tenant) => tenant.id)).toEqual([CUSTOMER]);
    expect(await rig.kinds(id)).toEqual(['created', 'connected']);
  });

  it('a second time tells the same and does nothing; the link is used', async () => {
    const { id, link } = await rig.invite({ tenantId: CUSTOMER });
    const browser = await rig.opened(link);
    await rig.back(browser, CUSTOMER);
    const before = await rig.invitations.find(id);
    rig.asked.length = 0;
    expect(await rig.back(browser, CUSTOMER)).toEqual({ kind: 'connected', tenantId: CUSTOMER });
    expect(await rig.invitations.find(id)).toEqual(before);
    expect(await rig.back(browser, OTHER)).toEqual({ kind: 'closed', state: 'used' });
    expect(await rig.onboarding.open(link, rig.by.log)).toEqual({ kind: 'closed', state: 'used' });
    expect([rig.asked, rig.activated.length]).toEqual([[], 1]);
    expect(await rig.kinds(id)).toEqual(['created', 'connected', 'opened_used', 'opened_used']);
  });

  it('a dozen times at once connects the tenant once', async () => {
    const { id, link } = await rig.invite();
    const browsers = [await rig.opened(link), await rig.opened(link)];
    const ends = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) =>
        rig.back(browsers[index % 2] ?? { cookie: '', state: '' }, CUSTOMER),
      ),
    );
    const connected = { status: 'fulfilled', value: { kind: 'connected', tenantId: CUSTOMER } };
    expect(ends).toEqual(ends.map(() => connected));
    expect(rig.activated).toHaveLength(1);
    expect(await rig.audited(CUSTOMER)).toEqual(['registered', 'consented', 'activated']);
    expect(await rig.kinds(id)).toEqual(['created', 'connected']);
  });

  it('tells of a tenant that two make active at once, once', async () => {
    await rig.invite({ tenantId: CUSTOMER });
    await rig.registry.change(CUSTOMER, any, { state: 'consented' }, rig.by);
    const both = [rig.registry, rig.instance().registry];
    await Promise.all(both.map((each) => each.change(CUSTOMER, any, { state: 'active' }, rig.by)));
    expect(rig.activated).toHaveLength(1);
    expect(await rig.audited(CUSTOMER)).toEqual(['registered', 'consented', 'activated']);
  });

  it('from two tenants at once connects one of them, and tells neither of the other', async () => {
    rig.consents.set(OTHER, { graph: GRAPH_ROLES });
    const { link } = await rig.invite();
    const browsers = [await rig.opened(link), await rig.opened(link)] as const;
    const ends = await Promise.all([rig.back(browsers[0], CUSTOMER), rig.back(browsers[1], OTHER)]);
    expect(ends.map(({ kind }) => kind).sort()).toEqual(['closed', 'connected']);
    const states = [await rig.stateOf(CUSTOMER), await rig.stateOf(OTHER)];
    expect(states.filter((state) => state !== undefined)).toEqual(['active']);
    expect(ends.find(({ kind }) => kind === 'closed')).toEqual({ kind: 'closed', state: 'used' });
  });

  it('goes on where a run died between its writes', async () => {
    const { link } = await rig.invite();
    const browser = await rig.opened(link);
    for (const dies of ['register', 'change'] as const) {
      const broken = rig.onboardingWith({
        ...rig.registry,
        [dies]: async () => {
          throw new OutriderError('storage.unavailable', 'away');
        },
      });
      await expect(rig.back(browser, CUSTOMER, broken)).rejects.toMatchObject({
        code: 'storage.unavailable',
      });
      // What is begun for one tenant is no other's.
      rig.consents.set(OTHER, { graph: GRAPH_ROLES });
      expect(await rig.back(browser, OTHER)).toEqual({ kind: 'closed', state: 'used' });
    }
    expect(await rig.back(await rig.opened(link), CUSTOMER)).toMatchObject({ kind: 'connected' });
    expect(rig.activated).toHaveLength(1);
  });

  it('believes tokens alone: without one, nothing is registered', async () => {
    rig.consents.clear();
    const { id, link } = await rig.invite();
    const browser = await rig.opened(link);
    expect(await rig.back(browser, CUSTOMER)).toEqual({
      kind: 'unconfirmed',
      tenantId: CUSTOMER,
      isNamed: false,
    });
    expect(rig.asked).toHaveLength(4);
    expect(await rig.stateOf(CUSTOMER)).toBeUndefined();
    expect((await rig.invitations.find(id))?.events.at(-1)).toMatchObject({
      what: 'unconfirmed',
      tenantId: CUSTOMER,
      detail: 'auth.app_not_in_tenant',
    });
    rig.consents.set(CUSTOMER, { graph: GRAPH_ROLES });
    expect(await rig.back(browser, CUSTOMER)).toMatchObject({ kind: 'connected' });
  });

  it('waits for a consent that arrives late', async () => {
    const arrives = rig.clock.now() + 2_000;
    rig.consents.set(CUSTOMER, () => (rig.clock.now() < arrives ? undefined : { graph: GRAPH_ROLES }));
    const { link } = await rig.invite();
    expect(await rig.back(await rig.opened(link), CUSTOMER)).toMatchObject({ kind: 'connected' });
    expect(rig.asked).toHaveLength(3);
  });

  it('with roles missing is consented, not active; goes on with the same link once they are there', async () => {
    rig.consents.set(CUSTOMER, { graph: GRAPH_ROLES.slice(0, 2) });
    const { id, link } = await rig.invite({ tenantId: CUSTOMER });
    const end = await rig.back(await rig.opened(link), CUSTOMER);
    expect(end).toMatchObject({ kind: 'roles_missing', missing: [{ roles: ['ThreatHunting.Read.All'] }] });
    expect([await rig.stateOf(CUSTOMER), rig.activated]).toEqual(['consented', []]);
    expect((await rig.directory.getFresh(CUSTOMER))?.enabled).toBe(false);
    rig.consents.set(CUSTOMER, { graph: GRAPH_ROLES });
    expect(await rig.back(await rig.opened(link), CUSTOMER)).toMatchObject({ kind: 'connected' });
    expect(await rig.stateOf(CUSTOMER)).toBe('active');
    expect(await rig.kinds(id)).toEqual(['created', 'roles_missing', 'connected']);
  });

  it('asks both APIs where a tenant uses both', async () => {
    const { link } = await rig.invite({ facts: { ...FACTS, api: 'xdr' } });
    const end = await rig.back(await rig.opened(link), CUSTOMER);
    expect(end).toMatchObject({
      kind: 'roles_missing',
      missing: [{ resource: 'xdr', roles: ['Incident.Read.All', 'Incident.ReadWrite.All'] }],
    });
  });

  it('with another tenant than invited is refused before anything is asked of it', async () => {
    rig.consents.set(OTHER, { graph: GRAPH_ROLES });
    const { id, link } = await rig.invite({ tenantId: CUSTOMER });
    const browser = await rig.opened(link);
    expect(await rig.back(browser, OTHER)).toEqual({ kind: 'other_tenant', expected: CUSTOMER });
    expect([rig.asked, await rig.stateOf(OTHER)]).toEqual([[], undefined]);
    expect(await rig.kinds(id)).toEqual(['created', 'other_tenant']);
    expect(await rig.back(browser, CUSTOMER)).toMatchObject({ kind: 'connected' });
  });

  it('too late, or withdrawn meanwhile, connects nothing', async () => {
    const late = await rig.invite({ days: 1 });
    rig.clock.advance(DAY_MS - 60_000);
    const browser = await rig.opened(late.link);
    rig.clock.advance(60_000);
    expect(await rig.back(browser, CUSTOMER)).toEqual({ kind: 'closed', state: 'expired' });
    const taken = await rig.invite();
    const other = await rig.opened(taken.link);
    await rig.invitations.withdraw(taken.id, any, rig.by);
    expect(await rig.back(other, CUSTOMER)).toEqual({ kind: 'closed', state: 'withdrawn' });
    expect([rig.asked, await rig.stateOf(CUSTOMER)]).toEqual([[], undefined]);
  });

  it('more than an hour after the link was opened, it is opened again', async () => {
    const { link } = await rig.invite();
    const browser = await rig.opened(link);
    rig.clock.advance(3_600_000 + 1_000);
    expect(await rig.back(browser, CUSTOMER)).toEqual({ kind: 'not_this_browser' });
  });

  it.each([
    ['active', true],
    ['suspended', false],
    ['offboarded', false],
  ] as const)(
    'for a named tenant that has become %s says so, and changes nothing',
    async (state, isActive) => {
      const { link } = await rig.invite({ tenantId: CUSTOMER });
      const browser = await rig.opened(link);
      await rig.registry.change(CUSTOMER, any, { state: 'consented' }, rig.by);
      await rig.registry.change(CUSTOMER, any, { state: 'active' }, rig.by);
      if (state === 'suspended') await rig.registry.change(CUSTOMER, any, { state }, rig.by);
      if (state === 'offboarded') await rig.registry.remove(CUSTOMER, any, rig.by);
      const before = await rig.registry.get(CUSTOMER);
      expect(await rig.back(browser, CUSTOMER)).toEqual({
        kind: 'tenant_taken',
        tenantId: CUSTOMER,
        isActive,
      });
      expect([await rig.registry.get(CUSTOMER), rig.asked]).toEqual([before, []]);
    },
  );

  it('for a tenant that is somebody’s already tells an open link what it tells of a stranger, as late', async () => {
    await rig.register(1);
    const { id, link } = await rig.invite();
    const timed = async (tenant: string) => {
      const began = rig.clock.now();
      const end = await rig.back(await rig.opened(link), tenant);
      return { kind: end.kind, ms: rig.clock.now() - began, keys: Object.keys(end) };
    };
    const stranger = await timed(guid(77));
    expect(stranger).toMatchObject({ kind: 'unconfirmed', ms: 7_000 });
    for (const known of [CUSTOMER, CONFIGURED.id]) expect(await timed(known)).toEqual(stranger);
    expect(rig.asked.map((tenant) => tenant.id)).not.toContain(CUSTOMER);
    expect(await rig.kinds(id)).toEqual(['created', 'unconfirmed', 'tenant_taken', 'tenant_taken']);
  });

  it('with a no, or an error, leaves the invitation as it was', async () => {
    const { id, link } = await rig.invite({ tenantId: CUSTOMER });
    const { cookie, state } = await rig.opened(link);
    const finish = (error: string | undefined, errorDescription?: string, tenant?: string) =>
      rig.onboarding.finish({ cookie, state, tenant, error, errorDescription }, rig.by.log);
    expect(await finish('access_denied')).toEqual({ kind: 'consent_refused' });
    expect(await finish('consent_required', 'AADSTS65004: no')).toEqual({ kind: 'consent_refused' });
    const failed = { kind: 'consent_failed', aadsts: 'AADSTS650052' };
    expect(await finish('invalid_client', 'x AADSTS650052: <script>', CUSTOMER)).toEqual(failed);
    for (const tenant of [undefined, 'common', `${CUSTOMER}/x`, '']) {
      expect(await finish(undefined, undefined, tenant)).toMatchObject({ kind: 'consent_failed' });
    }
    expect([rig.asked, await rig.stateOf(CUSTOMER)]).toEqual([[], 'invited']);
    expect((await rig.kinds(id)).slice(1, 4)).toEqual([
      'consent_refused',
      'consent_refused',
      'consent_failed',
    ]);
    expect(JSON.stringify(await rig.invitations.find(id))).not.toContain('script');
  });

  it('tells a fault of the deployment’s own credential from a missing consent, at once', async () => {
    rig.consents.set(CUSTOMER, new OutriderError('auth.secret_expired', 'expired'));
    const { link } = await rig.invite();
    expect(await rig.back(await rig.opened(link), CUSTOMER)).toMatchObject({ kind: 'own_trouble' });
    expect(rig.asked).toHaveLength(1);
  });

  it('may be tried a number of times, then nothing more is written or asked', async () => {
    const { id, link } = await rig.invite({ tenantId: CUSTOMER });
    const browser = await rig.opened(link);
    for (let time = 1; time < MOST_EVENTS; time += 1) await rig.back(browser, OTHER);
    expect(await rig.back(browser, CUSTOMER)).toEqual({ kind: 'worn_out' });
    expect(await rig.onboarding.open(link, rig.by.log)).toEqual({ kind: 'worn_out' });
    expect([(await rig.kinds(id)).length, rig.asked]).toEqual([MOST_EVENTS, []]);
  });
});
