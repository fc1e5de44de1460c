import { beforeAll, describe, expect, it } from 'vitest';
import { infra, type Project } from '../project.ts';
import { spoilt } from '../samples.ts';
import { APP_ROWS } from './app.ts';
import { CONDITION_ROWS } from './conditions.ts';
import { CONSENT_ROWS } from './consent.ts';
import { DATA_ROWS } from './data.ts';
import { ENTRA_ROWS } from './entra.ts';
import { rowHolds, spoiltBy } from './look.ts';
import { NETWORK_ROWS } from './network.ts';
import { OPERATIONS_ROWS } from './operations.ts';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

describe.each([
  ...DATA_ROWS,
  ...APP_ROWS,
  ...ENTRA_ROWS,
  ...CONSENT_ROWS,
  ...NETWORK_ROWS,
  ...OPERATIONS_ROWS,
  ...CONDITION_ROWS,
])('the security baseline: $row', (row) => {
  it('holds', () => {
    const missing = (row.wants ?? []).filter((want) => !rowHolds(project, { row: '', wants: [want] }));
    expect(missing).toEqual([]);
    expect(rowHolds(project, row)).toBe(true);
  });

  it.each((row.wants ?? []).map((want) => ({ ...want, what: String(want.of) })))(
    'or else is missed: $path of $what',
    (want) => {
      // The same value for true and for gone would hide behind a default.
      expect(rowHolds(spoiltBy(project, want, { kind: 'literal', value: -1, at: 0 }), row)).toBe(false);
      if (want.is !== null && want.path !== '') expect(rowHolds(spoiltBy(project, want), row)).toBe(false);
    },
  );

  it.each(row.spoil ?? [])('or else is missed in %s: %s → %s', async (path, from, to) => {
    expect(rowHolds(await spoilt(project, path, from, to), row)).toBe(false);
  });
});
