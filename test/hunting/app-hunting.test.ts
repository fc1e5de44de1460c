import { expect, test } from 'vitest';
import { createHunting } from '../../shared/app-hunting.ts';
import { readScheduledHunt } from '../../shared/hunting/schedule/message.ts';
import { createFeedWriter } from '../../shared/incidents/append-to-feed.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { tenantWith } from '../support/tenant-with.ts';

test('the timer turns the queries that ship with Outrider into messages, each for its tenants, and again when due', async () => {
  const clock = createJumpingClock();
  const [hunts, incidents] = [createMemoryStore(clock), createMemoryStore(clock)];
  const tenant = tenantWith({});
  const tenants = { list: async () => [tenant, { ...tenant, enabled: false }], get: async () => tenant };
  const events: string[] = [];
  const note = (event: string) => void events.push(event);
  const hunting = createHunting({
    tenants,
    table: () => hunts.table,
    blobs: () => hunts.blobs,
    queue: () => hunts.queue,
    scheduleQueue: () => incidents.queue,
    findings: () => ({ ...incidents, feed: createFeedWriter({ table: incidents.table, clock }) }),
    sourceFor: () => {
      throw new Error('no query is sent by the timer');
    },
    clock,
  });
  await hunting.scheduled.enqueueDue({ info: note, warn: note, error: note }, undefined);
  const due = incidents.messages.map(({ text }) => readScheduledHunt(text));
  expect(due.length).toBeGreaterThanOrEqual(20);
  expect(new Set(due.map((hunt) => hunt?.queryId)).size).toBe(due.length);
  expect(new Set(due.map((hunt) => hunt?.tenant))).toEqual(new Set([tenant.id]));
  const begun = incidents.messages.length;
  const last = clock.now();
  clock.advance(24 * 3_600_000);
  await hunting.scheduled.enqueueDue({ info: note, warn: note, error: note }, last);
  expect(incidents.messages.length - begun).toBe(due.length);
  expect([hunts.messages, events]).toEqual([[], ['hunt.enqueued', 'hunt.enqueued']]);
});
