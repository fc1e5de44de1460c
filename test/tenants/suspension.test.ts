import { expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { enqueueDue } from '../../shared/incidents/schedule.ts';
import { TENANT_ID } from '../support/tenant-with.ts';
import { any } from './registry-rig.ts';
import { createRemovalRig } from './removal-rig.ts';

const suspend = (rig: Awaited<ReturnType<typeof createRemovalRig>>) =>
  rig.registry.registry.change(TENANT_ID, any, { state: 'suspended' }, rig.registry.by);

it('a sync whose tenant is suspended under its hands stops, stores nothing more and is not tried again', async () => {
  const rig = await createRemovalRig({ incidents: 3 });
  const before = rig.sync.store.rows(TENANT_ID);
  const messages = rig.sync.store.messages.length;
  rig.sync.source.upsert({ id: 'new' });
  const { incidentPages } = rig.sync.source;
  // As the token source refuses from the moment on at which the tenant is suspended.
  rig.sync.source.incidentPages = async function* (query) {
    yield* [];
    await suspend(rig);
    if (query.top > 0) throw new OutriderError('tenant.disabled', 'suspended', { tenant: TENANT_ID });
  };
  rig.sync.clock.advance(60_000);
  expect(await rig.runSync()).toBe('unknownTenant');
  expect(rig.sync.store.rows(TENANT_ID)).toEqual(before);
  expect(rig.sync.store.messages).toHaveLength(messages);
  rig.sync.source.incidentPages = incidentPages;
  expect(await rig.runSync()).toBe('unknownTenant');
  await rig.registry.registry.change(TENANT_ID, any, { state: 'active' }, rig.registry.by);
  expect(await rig.runSync()).toBe('done');
  expect(rig.sync.record('new')).toBeDefined();
});

it('the timer sends nothing for a tenant that is suspended or removed', async () => {
  const rig = await createRemovalRig({ incidents: 0 });
  const { directory, registry, by, store } = rig.registry;
  const due = () =>
    enqueueDue(
      { tenants: directory, queue: store.queue, log: by.log },
      { lastMs: undefined, nowMs: rig.sync.clock.now() },
    );
  expect(await due()).toContain(TENANT_ID);
  await suspend(rig);
  expect(await due()).not.toContain(TENANT_ID);
  await registry.change(TENANT_ID, any, { state: 'active' }, by);
  expect(await due()).toContain(TENANT_ID);
  await registry.remove(TENANT_ID, any, by);
  expect(await due()).not.toContain(TENANT_ID);
});
