import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CODES, type KqlCode } from '../shared/hunting/kql/codes.ts';

/** The page that explains what the check of queries finds. */
export const KQL_CHECKS_PAGE = join(resolve(import.meta.dirname, '..'), 'docs/kql-checks.md');

const INTRODUCTION = `# What the check of queries finds

Written by \`node scripts/kql-checks.ts\` from shared/hunting/kql/codes.ts.

\`outrider queries check PATH…\` binds every query against the schema of advanced hunting with Microsoft's own KQL
language service. The same check stands before every run. An error means that the query is not sent; a warning is
advice, and makes the exit code 1 only with \`--strict\`.

- \`KS…\` are the language service's own findings: syntax, unknown names, wrong types. After the first error of syntax
  the rest of the text is not judged. For a query with \`platform: sentinel\` an unknown table, column or function is a
  warning (\`KQL212\`), since a workspace has hundreds of tables, and functions of its own, that no schema here lists.
- \`LIB…\` are about the file: its encoding, its YAML, the fields of a query.
- \`KQL…\` are ours:
`;

const REST = `
## Known findings

A baseline is an earlier report. Findings in it are not told again, wherever their lines have moved to:

\`\`\`
outrider queries check queries --format json > baseline.json
outrider queries check queries --baseline baseline.json
\`\`\`

A finding is known by its query's id, its code and message, and the text of its line. Write the baseline without
\`--baseline\`, or what it knew is missing from the new one.

## More tables

\`--schema FILE\` adds to the schema, or replaces it with \`"alone": true\`:

\`\`\`json
{
  "tables": { "Firewall_CL": "TimeGenerated:datetime, Source:string, Bytes:long" },
  "functions": { "Watch": { "parameters": "alias:string", "columns": "Item:string" } }
}
\`\`\`
`;

/** The page as the code has it. */
export function kqlChecksPage(codes: Readonly<Record<string, KqlCode>> = CODES): string {
  const rows = Object.entries(codes).map(
    ([code, { severity, title, help }]) =>
      `| \`${code}\` | ${severity} | ${title} | ${help.replaceAll('|', '\\|')} |`,
  );
  return `${[INTRODUCTION, '| code | | finding | why, and what to do |', '|---|---|---|---|', ...rows].join('\n')}\n${REST}`;
}

if (import.meta.main) await writeFile(KQL_CHECKS_PAGE, kqlChecksPage());
