import { beforeEach, expect, it } from 'vitest';
import { createOnboardingRig, GRAPH_ROLES, type OnboardingRig } from './onboarding-rig.ts';
import { guid } from './registry-rig.ts';

// Settings named the tenant once: it is in no registry, and its incidents are stored.
const FORMER = guid(1);

let rig: OnboardingRig;
beforeEach(() => {
  rig = createOnboardingRig();
  rig.kept.add(FORMER);
  rig.consents.set(FORMER, { graph: GRAPH_ROLES });
});

it('an open link gives what is stored of a tenant to nobody, and tells what it tells of a stranger, as late', async () => {
  const { id, link } = await rig.invite();
  const timed = async (tenant: string) => {
    const began = rig.clock.now();
    const end = await rig.back(await rig.opened(link), tenant);
    return { kind: end.kind, ms: rig.clock.now() - began };
  };
  expect(await timed(FORMER)).toEqual({ kind: 'unconfirmed', ms: 7_000 });
  expect(await timed(guid(77))).toEqual({ kind: 'unconfirmed', ms: 7_000 });
  expect(await rig.registry.get(FORMER)).toBeUndefined();
  expect(rig.asked.map((tenant) => tenant.id)).not.toContain(FORMER);
  const noted = (await rig.invitations.find(id))?.events.at(-2);
  expect(noted).toMatchObject({ what: 'tenant_taken', detail: 'data_kept', tenantId: FORMER });
});

it('a link that names the tenant connects it: whoever made that was asked for their right to it', async () => {
  const { link } = await rig.invite({ tenantId: FORMER });
  expect(await rig.back(await rig.opened(link), FORMER)).toMatchObject({ kind: 'connected' });
  expect((await rig.registry.get(FORMER))?.state).toBe('active');
});
