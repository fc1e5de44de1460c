import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sentenceOf } from '../../../shared/hunting/diagnostic-sentence.ts';
import { type Finding, type FindingsFormat, findingsOf } from './report.ts';

/** A kind of finding, for the tool's list of rules. */
export interface SarifRule {
  readonly title: string;
  readonly help: string;
  readonly severity: Finding['severity'];
}

export interface SarifOptions {
  /** Version of Outrider. */
  readonly version: string;
  /** What is known of a code. */
  readonly ruleOf: (code: string) => SarifRule;
}

/** Under which key the fingerprint of a finding stands; the number goes up when fingerprints are made otherwise. */
const FINGERPRINT = 'outrider/v1';

/** SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function createSarifFormat({ version, ruleOf }: SarifOptions): FindingsFormat {
  const codes = new Map<string, number>();
  const results: object[] = [];
  const indexOf = (code: string): number => {
    const index = codes.get(code) ?? codes.size;
    codes.set(code, index);
    return index;
  };
  return {
    file(checked) {
      results.push(...findingsOf(checked).map((finding) => resultOf(finding, indexOf(finding.code))));
      return '';
    },
    end() {
      const rules = [...codes.keys()].map((code) => ruleEntry(code, ruleOf(code)));
      const log = {
        $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
        version: '2.1.0',
        runs: [
          {
            tool: { driver: { name: 'outrider', version, rules } },
            columnKind: 'utf16CodeUnits',
            results,
          },
        ],
      };
      return `${JSON.stringify(log)}\n`;
    },
  };
}

function ruleEntry(id: string, { title, help, severity }: SarifRule): object {
  return {
    id,
    shortDescription: { text: title },
    help: { text: help },
    defaultConfiguration: { level: severity },
  };
}

function resultOf(finding: Finding, ruleIndex: number): object {
  const { file, line, column, endLine, endColumn, code, severity, fingerprint } = finding;
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: sentenceOf(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column, endLine, endColumn },
        },
      },
    ],
    partialFingerprints: { [FINGERPRINT]: fingerprint },
  };
}

/** A relative path as a relative reference, which readers resolve against the checkout; an absolute one as it is. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  const path = file
    .split('/')
    .map(encodeURIComponent)
    .join('/')
    .replace(/^(\.\/)+/, '');
  return path;
}
