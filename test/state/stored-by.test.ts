import { expect, test } from 'vitest';
import { recordFrom } from '../../shared/incidents/records.ts';
import type { Row } from '../../shared/storage.ts';
import { type PaddedTime, paddedFromMs } from '../../shared/time.ts';
import { createScheduleRig, HOUR } from '../hunting/schedule/schedule-rig.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { createSyncRig } from '../support/sync-rig.ts';
import { createOnboardingRig } from '../tenants/onboarding-rig.ts';
import { guid } from '../tenants/registry-rig.ts';
import { load, storedBy } from './stored-by.ts';

/** What deployments have. Who raises a format adds what the next one leaves, and keeps this until the one after. */
const BEFORE = await storedBy(1);

/** Every row says its format. */
function formatsIn(store: MemoryStore, partition: string): readonly unknown[] {
  return [...new Set(store.rows(partition).map(({ columns }) => columns.v))];
}

test('incidents: what is stored is not stored or announced again, and the sync goes on from there', async () => {
  const rig = createSyncRig();
  await load(rig.store, BEFORE.incidents);
  const first = rig.record('first');
  expect([first?.status, rig.history('first').length, rig.feed().length]).toEqual(['resolved', 2, 2]);
  const at = (text = ''): PaddedTime => paddedFromMs(Date.parse(text));
  rig.source.upsert({
    ...{ id: 'first', title: 'First', status: 'resolved' },
    ...{ created: at(first?.created), lastUpdate: at(first?.lastUpdate) },
    alerts: [{ id: 'a1', title: 'Alert', lastUpdate: at(first?.created) }],
  });
  rig.clock.advance(HOUR);
  rig.source.upsert({ id: 'second', lastUpdate: paddedFromMs(rig.clock.now() - 1_000) });
  await rig.settle();
  expect(rig.feed().map(({ id }) => id)).toEqual(['first', 'first', 'second']);
  expect(rig.text('first')).toContain('"first"');
  expect(rig.state().counts.incidents).toBe(2);
  expect(formatsIn(rig.store, rig.tenant.id)).toEqual([1]);
});

test('findings and runs: a finding that is known is no new one, and the schedule goes on', async () => {
  const rig = createScheduleRig();
  await load(rig.incidents, BEFORE.findings);
  await load(rig.store, BEFORE.hunts);
  expect((await rig.runs()).map(({ state }) => state)).toEqual(['succeeded']);
  rig.clock.advance(HOUR);
  rig.event({ Device: 'a' });
  rig.event({ Device: 'b' });
  await rig.tick();
  await rig.settle();
  expect(await rig.state()).toMatchObject({ counts: { open: 2, announced: 2 } });
  expect(rig.feed()).toHaveLength(2);
  expect(formatsIn(rig.incidents, BEFORE.findings.partition)).toEqual([1]);
  expect(formatsIn(rig.store, BEFORE.hunts.partition)).toEqual([1]);
});

test('tenants, their audit and invitations', async () => {
  const rig = createOnboardingRig();
  await load(rig.store, BEFORE.tenants);
  expect(await rig.directory.get(guid(1))).toMatchObject({ name: 'Fabrikam', enabled: true });
  expect(await rig.audited(guid(1))).toEqual(['registered']);
  const invitation = BEFORE.tenants.rows.find(({ key }) => key.startsWith('i|'))?.key.slice(2) ?? '';
  expect(await rig.invitations.find(invitation)).toMatchObject({ id: invitation });
  await rig.register(2);
  expect(formatsIn(rig.store, BEFORE.tenants.partition)).toEqual([1]);
});

test('an incident of a format that this version does not know is refused, not guessed', () => {
  const [row] = BEFORE.incidents.rows;
  const later: Row = { key: 'c|first', etag: '1', columns: { ...row?.columns, v: 2 } };
  expect(() => recordFrom(later)).toThrow(
    expect.objectContaining({
      code: 'storage.unreadable',
      message: expect.stringMatching(/format 2.*reads format 1/),
    }),
  );
});
