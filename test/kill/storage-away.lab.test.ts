import { expect, test } from 'vitest';
import { expectWhole } from './expect-whole.ts';
import { playKills } from './play.ts';

// In a file of its own: the identity library remembers the endpoint of the first lab that it meets. Always in CI;
// elsewhere `npm run test:kill -- --kills 1 --storage-stops 1` plays it.
test.runIf(process.env.CI)(
  'a first load whose storage goes away in its middle and comes back loses nothing, and no process is started anew',
  async () => {
    const result = await playKills({ kills: 1, seed: 6, tenants: 1, incidents: 150, storageStops: 1 });
    expectWhole(result);
    expect(result.stopsMidLoad).toBe(1);
    expect(result.incidents).toBeGreaterThan(150);
  },
  240_000,
);
