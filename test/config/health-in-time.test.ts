import { expect, test } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { createHealth, type Probe } from '../../shared/health.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';

const never = (): Promise<never> => new Promise(() => {});
const untilStopped: Probe = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('what hangs is told as away after ten seconds, whether it heeds the signal or not, and holds up nothing else', async () => {
  const clock = createJumpingClock();
  const began = clock.now();
  const health = createHealth({
    config: readConfig({}),
    version: '1',
    clock,
    probes: { storage: never, vault: untilStopped, tenants: async () => {} },
    moreFaults: () => clock.sleep(9_000).then(() => []),
    warnings: () => clock.sleep(9_000).then(() => ['soon']),
    heartbeat: () => clock.sleep(9_000).then(() => began),
  });
  const { status, checks, warnings } = await clock.run(health());
  expect(clock.now() - began).toBe(10_000);
  expect(status).toBe('degraded');
  expect(warnings).toEqual(['soon']);
  expect(checks).toMatchObject([
    { name: 'storage', ok: false, code: 'storage.unavailable', ms: 10_000 },
    { name: 'vault', ok: false, code: 'vault.unavailable', text: expect.stringMatching(/within 10 seconds/) },
    { name: 'tenants', ok: true },
  ]);
});
