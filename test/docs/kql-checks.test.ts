import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { KQL_CHECKS_PAGE, kqlChecksPage } from '../../scripts/kql-checks.ts';
import { CODES } from '../../shared/hunting/kql/codes.ts';

it('docs/kql-checks.md has every code as the code has it', async () => {
  const page = await readFile(KQL_CHECKS_PAGE, 'utf8');
  expect(page, 'run node scripts/kql-checks.ts').toBe(kqlChecksPage());
  for (const [code, { severity, title }] of Object.entries(CODES)) {
    expect(page).toContain(`| \`${code}\` | ${severity} | ${title} |`);
  }
});
