import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWithBugs, HTTP_BUGS } from './deliberate-bugs.ts';
import { type FuzzLab, startFuzzLab } from './fuzz-lab.ts';
import { memoryFault } from './memory.ts';
import { type FuzzResult, playFuzz } from './play.ts';
import { reportOf } from './report.ts';
import { ROUTES } from './routes.ts';

/** The short form for every day; where the whole proof is wanted, all of it. */
const REQUESTS = process.env.CI ? 100_000 : 1_500;
const WITHIN_MS = process.env.CI ? 3_600_000 : 300_000;
const SEED = 4;
/** The same series, so that what it notices with bugs is what it looks for without. */
const WITH_BUGS = { requests: 1_250, seed: SEED, enough: Number.POSITIVE_INFINITY };

let lab: FuzzLab;
beforeAll(async () => {
  lab = await startFuzzLab();
}, WITHIN_MS);
afterAll(() => lab?.stop());

describe('generated requests', () => {
  it('know every HTTP function that the app registers', () => {
    const registered = lab.app.functions.filter(({ trigger }) => trigger === 'http');
    expect(registered.map(({ name, route, methods }) => [name, route, methods]).sort()).toEqual(
      ROUTES.map(({ name, method, template }) => [name, template, [method]]).sort(),
    );
  });

  it(
    'are all answered as they must be, and leave nothing behind',
    async () => {
      const result = await playFuzz(lab, lab.app, { requests: REQUESTS, seed: SEED });
      const [finding] = result.findings;
      expect(finding && (await reportOf(lab, lab.app, { seed: SEED, finding }))).toBeUndefined();
      expect(result.played).toBe(REQUESTS);
      expect(memoryFault(result.memory)).toBeUndefined();
      expect(lab.app.wrongLines).toEqual([]);
      expect(lab.refused()).toEqual([]);
      // A series in which nothing is ever let in, or nothing ever refused, would prove nothing.
      for (const status of [200, 202, 400, 401, 403, 404, 413, 417, 431]) {
        expect(result.counts.of(status), `answers ${status}`).toBeGreaterThan(0);
      }
    },
    WITHIN_MS,
  );
});

describe('deliberate bugs', () => {
  let result: FuzzResult;
  let report = '';
  const signs = new Set<string>();

  beforeAll(async () => {
    const built = await buildWithBugs(HTTP_BUGS);
    try {
      const app = await lab.start(built.directory);
      result = await playFuzz(lab, app, WITH_BUGS);
      const finding = result.findings.find(({ what }) =>
        what.some((each) => each.includes('without the role')),
      );
      if (finding) report = await reportOf(lab, app, { seed: SEED, finding });
    } finally {
      await built.remove();
    }
    for (const { what } of result.findings) for (const each of what) signs.add(each);
    const grown = memoryFault(result.memory);
    if (grown !== undefined) signs.add(grown);
  }, WITHIN_MS);

  it.each(HTTP_BUGS)('$name is noticed', ({ sign }) => {
    expect(
      [...signs].some((each) => sign.test(each)),
      [...signs].join('\n'),
    ).toBe(true);
  });

  it('are reported by a small request that can be sent again, without its token', () => {
    const [, shrunk = ''] = report.split('As small as can be:');
    expect(shrunk).toMatch(/was answered 200 to a caller without the role/);
    expect(shrunk).toMatch(
      /curl .*--request-target '\/api\/tenants\/\S+' -H 'Authorization: Bearer <[^>]+>' http/,
    );
    expect(report).not.toMatch(/eyJ[\w-]{17}/);
  });

  it.each(HTTP_BUGS)('cannot be left out unnoticed: $name', async (bug) => {
    const gone = { ...bug, edits: bug.edits.map((edit) => ({ ...edit, find: 'no such text' })) };
    await expect(buildWithBugs([gone])).rejects.toThrow('“no such text” 0 times');
  });
});
