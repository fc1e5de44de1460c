import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const CONFIG = join(import.meta.dirname, 'fixtures/vitest.config.ts');

test('a test run in which secrets leak fails, and says which and where', async () => {
  const child = spawn(process.execPath, [VITEST, 'run', '--config', CONFIG], {
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  const report = stderr.slice(stderr.indexOf('Secrets: '));
  const folder = /the secrets: (\S+)/.exec(report)?.[1] ?? '';
  await rm(folder, { recursive: true, force: true });

  expect(stdout).toMatch(/Tests {2}5 passed/);
  expect(code).toBe(1);
  expect(report).toMatch(/^Secrets: 5 of /);
  const places = [...report.matchAll(/LEAK of (.+?), known.*\n {4}in (.+)/g)].map(([, what, where]) => [
    what,
    where,
  ]);
  const token = `access token of 7ea1c0de-0bad-4bad-8bad-0000c0ffee00 for https://a.b`;
  expect(places).toHaveLength(5);
  expect(places).toEqual(
    expect.arrayContaining([
      [token, expect.stringMatching(/^stdout of the test run, of .+, line \d+ \(plain\)$/)],
      ['vault secret', expect.stringMatching(/^stderr of the test run, .+ \(percent-encoded\)$/)],
      ['vault secret', expect.stringMatching(/^PUT to blob at .+leaks\.fixture\.ts \(gzip, base64\)$/)],
      [token, expect.stringMatching(/^PUT to blob at .+ line \d+ \(plain\)$/)],
      [token, expect.stringMatching(/^stdout of .+ some-command, of .+, line 1 \(plain\)$/)],
    ]),
  );
  expect(report).not.toContain('planted/secret');
  expect(report).not.toContain('eyJ');
});
