import { expect, it } from 'vitest';
import { ALLOWED, isAllowed } from './allowed.ts';

const TOKEN = {
  what: 'stdout of /x/bin/outrider.js lab token --json',
  by: 'test/x.test.ts',
  kind: 'access token',
} as const;
const ANSWER = {
  what: 'answer of the function get-health',
  by: 'test/fuzz/fuzz.lab.test.ts',
  kind: 'access token',
} as const;

it('a secret may show where it is asked for, and nowhere else', () => {
  expect(isAllowed(TOKEN)).toBe(true);
  expect(isAllowed(ANSWER)).toBe(true);
  // Encoded claims are alike: the second of issue, the tenant, the app.
  expect(isAllowed({ ...TOKEN, kind: 'id token' })).toBe(true);
  for (const other of [
    { ...TOKEN, what: 'stderr of /x/bin/outrider.js lab token --json' },
    { ...TOKEN, what: 'stdout of /x/bin/outrider.js lab tokens' },
    { ...TOKEN, kind: 'client secret' },
    { ...ANSWER, by: 'test/http/routes.lab.test.ts' },
    { ...ANSWER, what: 'stdout of the test run' },
    { ...ANSWER, kind: 'vault secret' },
  ] as const) {
    expect(isAllowed(other), JSON.stringify(other)).toBe(false);
  }
  for (const { why, kinds } of ALLOWED) {
    expect(why.length).toBeGreaterThan(20);
    expect(kinds.length).toBeGreaterThan(0);
  }
});
