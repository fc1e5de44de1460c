import { expect, test } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { createHealth } from '../../shared/health.ts';
import { createHeartbeat } from '../../shared/heartbeat.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const MINUTE = 60_000;
let nowMs = Date.UTC(2026, 0, 1);
const clock = { now: () => nowMs, sleep: async () => {}, random: () => 0 };
const store = createMemoryStore({ now: () => nowMs });
const heartbeat = () => createHeartbeat({ table: () => store.table, clock });

test('a tick is noted every five minutes, and seen by every other instance', async () => {
  const timer = heartbeat();
  expect(await heartbeat().last()).toBeUndefined();
  const began = nowMs;
  for (let minute = 0; minute < 10; minute += 1) {
    nowMs = began + minute * MINUTE;
    await timer.beat();
  }
  expect(store.calls.transact).toBe(2);
  expect(await heartbeat().last()).toBe(began + 5 * MINUTE);
});

test('what could not be written is written by the next tick', async () => {
  const timer = createHeartbeat({
    table: () =>
      nowMs % (2 * MINUTE) === 0
        ? store.table
        : { ...store.table, transact: () => Promise.reject(new Error('away')) },
    clock,
  });
  nowMs = Date.UTC(2026, 0, 2, 0, 1);
  await expect(timer.beat()).rejects.toThrow('away');
  nowMs += MINUTE;
  await timer.beat();
  expect(await timer.last()).toBe(nowMs);
});

test('health tells when, and is as well as it is without', async () => {
  const config = readConfig({});
  const told = createHealth({ config, version: '1', clock, probes: {}, heartbeat: async () => nowMs });
  const away = createHealth({
    config,
    version: '1',
    clock,
    probes: {},
    heartbeat: () => Promise.reject(new Error('away')),
  });
  expect((await told()).heartbeat).toBe(new Date(nowMs).toISOString());
  expect((await away()).heartbeat).toBeUndefined();
  expect((await away()).status).toBe((await told()).status);
});
