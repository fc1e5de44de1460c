import packageJson from '../../../package.json' with { type: 'json' };
import { CODES } from '../../../shared/hunting/kql/codes.ts';
import { createGithubFormat } from '../../output/findings/github.ts';
import { createJsonFormat } from '../../output/findings/json.ts';
import { createJunitFormat } from '../../output/findings/junit.ts';
import type { FindingsFormat, FormatName } from '../../output/findings/report.ts';
import { createSarifFormat, type SarifRule } from '../../output/findings/sarif.ts';
import { createTextFormat } from '../../output/findings/text.ts';
import type { Screen } from '../../output/screen.ts';

export function createFormat(name: FormatName, screen: Screen): FindingsFormat {
  switch (name) {
    case 'text':
      return createTextFormat(screen);
    case 'json':
      return createJsonFormat();
    case 'junit':
      return createJunitFormat();
    case 'sarif':
      return createSarifFormat({ version: packageJson.version, ruleOf });
    case 'github':
      return createGithubFormat();
  }
}

function ruleOf(code: string): SarifRule {
  const own = (CODES as Readonly<Record<string, SarifRule>>)[code];
  if (own !== undefined) return own;
  return code.startsWith('KS')
    ? {
        title: `${code} of Microsoft’s KQL language service`,
        help: 'The query does not bind against the schema of advanced hunting.',
        severity: 'error',
      }
    : {
        title: `${code} of the query library`,
        help: 'The file, or an entry of it, is not as a query file has to be.',
        severity: 'error',
      };
}
