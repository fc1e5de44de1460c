import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WATCH_FOLDER, WATCHED_TEST } from '../../lab/leak-watch/notes.ts';
import config from '../../vitest.config.ts';

it('this very run is watched for leaks, in each of its projects', () => {
  expect(existsSync(process.env[WATCH_FOLDER] ?? '')).toBe(true);
  expect(process.env[WATCHED_TEST]).toBe('test/secrets/watched-run.test.ts');
  expect(config.test?.globalSetup).toContain('test/secrets/global-setup.ts');
  const projects = (config.test?.projects ?? []) as readonly { readonly test?: { setupFiles?: unknown } }[];
  expect(projects.length).toBeGreaterThanOrEqual(3);
  for (const project of projects) expect(project.test?.setupFiles).toContain('test/secrets/setup-file.ts');
});
