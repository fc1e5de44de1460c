import { beforeAll, describe, expect, it } from 'vitest';
import { infra, type Project } from '../project.ts';
import { spoilt } from '../samples.ts';
import { APP_ROWS } from './app.ts';
import { DATA_ROWS } from './data.ts';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

describe.each([...DATA_ROWS, ...APP_ROWS])('the security baseline: $row', ({ holds, spoil }) => {
  it('holds', () => {
    expect(holds(project)).toBe(true);
  });

  it.each(spoil)('or else is missed in %s: %s → %s', async (path, from, to) => {
    expect(holds(await spoilt(project, path, from, to))).toBe(false);
  });
});
