import { PassThrough } from 'node:stream';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { withoutKnown } from '../../cli/commands/queries/baseline.ts';
import { createFormat } from '../../cli/commands/queries/check-format.ts';
import type { CheckedFile, Finding, FormatName, Totals } from '../../cli/output/findings/report.ts';
import { createScreen } from '../../cli/output/screen.ts';

const TOTALS: Totals = { files: 2, queries: 3, errors: 2, warnings: 1, known: 0 };
/** What every form has to escape, each in its own way. */
const HOSTILE = 'a "b" <c> & \'d\' 100% ::e, f: g\r\nh\u0000\u001b[31m\ufffe ]]> \u202e';

const finding = (parts: Partial<Finding> = {}): Finding => ({
  file: 'q/a b.yaml',
  line: 3,
  column: 5,
  endLine: 3,
  endColumn: 8,
  code: 'KS142',
  severity: 'error',
  message: 'Unknown.',
  fingerprint: 'f1',
  ...parts,
});

const file = (...findings: readonly Finding[]): CheckedFile => ({
  file: 'q/a b.yaml',
  queries: [{ id: 'one', file: 'q/a b.yaml', line: 2, findings }],
  findings: [],
});

function shown(name: FormatName, files: readonly CheckedFile[], totals: Totals = TOTALS): string {
  const screen = createScreen(new PassThrough() as unknown as NodeJS.WriteStream);
  const format = createFormat(name, screen);
  return files.map((checked) => format.file(checked)).join('') + format.end(totals);
}

describe('text', () => {
  const excerpt = (line: string, start: number, length: number): readonly string[] =>
    shown('text', [file(finding({ source: { line, start, length } }))])
      .split('\n')
      .slice(1, 3);

  it('is one line a finding, in the order of the file, and a summary', () => {
    const text = shown('text', [
      file(finding({ line: 9, suggestion: 'DeviceName' }), finding({ severity: 'warning', code: 'KQL205' })),
    ]);
    expect(text).toBe(
      'q/a b.yaml:3:5: warning KQL205 Unknown.\n' +
        'q/a b.yaml:9:5: error KS142 Unknown. Did you mean DeviceName?\n' +
        'Checked 3 queries in 2 files: 2 errors, 1 warning.\n',
    );
    expect(shown('text', [], { files: 1, queries: 1, errors: 0, warnings: 0, known: 2 })).toBe(
      'Checked 1 query in 1 file: no errors, no warnings. 2 findings of the baseline not shown.\n',
    );
  });

  it('does not say twice what to use', () => {
    const said = finding({ message: 'It is being retired. Use NewTable.', suggestion: 'NewTable' });
    expect(shown('text', [file(said)]).split('\n')[0]).toBe(
      'q/a b.yaml:3:5: error KS142 It is being retired. Use NewTable.',
    );
  });

  it('shows the line with a caret below what is meant, whatever is before it', () => {
    expect(excerpt('| where Foo == 1', 8, 3)).toEqual(['    | where Foo == 1', '            ^~~']);
    expect(excerpt('\t\t| where\tFoo == 1', 10, 3)).toEqual([
      '    | where    Foo == 1',
      '               ^~~',
    ]);
    expect(excerpt('"宽😀é" == Foo', 10, 3)).toEqual(['    "宽😀é" == Foo', '               ^~~']);
    expect(excerpt('| where (Foo', 12, 1)).toEqual(['    | where (Foo', '                ^']);
    expect(excerpt('a\u001b[31mb Foo', 8, 3)).toEqual(['    a [31mb Foo', '            ^~~']);
  });

  it('cuts a long line round what is meant', () => {
    const [line = '', caret = ''] = excerpt(
      `print "${'x'.repeat(5_000)}", Foo, "${'y'.repeat(5_000)}"`,
      5_010,
      3,
    );
    expect(line.length).toBeLessThanOrEqual(145);
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('~') + 1)).toBe('Foo');
  });

  it('holds nothing that a terminal would obey, and one line a finding', () => {
    const text = shown('text', [file(finding({ message: HOSTILE, suggestion: HOSTILE }))]);
    expect(text.split('\n')).toHaveLength(3);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Control}\u202e]/u);
  });
});

it('json is one object, with everything in it', () => {
  const files = [file(finding({ message: HOSTILE }))];
  const text = shown('json', files);
  expect(text.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(text)).toEqual({ format: 'outrider.check/1', ok: false, totals: TOTALS, files });
  expect(JSON.parse(shown('json', [], { ...TOTALS, errors: 0 }))).toMatchObject({ ok: true });
});

describe('junit', () => {
  it('is a suite a file and a case a query, with its errors as one failure', () => {
    const checked: CheckedFile = {
      file: 'q/"a".yaml',
      queries: [
        {
          id: 'one',
          file: 'q/"a".yaml',
          line: 2,
          findings: [
            finding({ message: 'a "b" <c> &\n\'d\'' }),
            finding({ severity: 'warning', code: 'KQL205' }),
            finding(),
          ],
        },
        { id: 'two', file: 'q/"a".yaml', line: 9, findings: [] },
      ],
      findings: [finding({ code: 'LIB111', severity: 'warning' })],
    };
    expect(shown('junit', [checked])).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="outrider queries check" tests="3" failures="1" errors="0">
        <testsuite name="q/&quot;a&quot;.yaml" tests="3" failures="1" errors="0" skipped="0">
          <testcase name="q/&quot;a&quot;.yaml" classname="q/&quot;a&quot;.yaml" file="q/&quot;a&quot;.yaml" line="3">
            <system-out>q/a b.yaml:3:5: warning LIB111 Unknown.</system-out>
          </testcase>
          <testcase name="one" classname="q/&quot;a&quot;.yaml" file="q/&quot;a&quot;.yaml" line="2">
            <failure message="a &quot;b&quot; &lt;c&gt; &amp;&#10;'d'" type="KS142">q/a b.yaml:3:5: error KS142 a &quot;b&quot; &lt;c&gt; &amp;&#10;'d'&#10;q/a b.yaml:3:5: error KS142 Unknown.</failure>
            <system-out>q/a b.yaml:3:5: warning KQL205 Unknown.</system-out>
          </testcase>
          <testcase name="two" classname="q/&quot;a&quot;.yaml" file="q/&quot;a&quot;.yaml" line="9"/>
        </testsuite>
      </testsuites>
      "
    `);
  });

  it('is well formed, and holds only what XML can hold', () => {
    const text = shown('junit', [file(finding({ message: HOSTILE, file: HOSTILE, code: HOSTILE }))]);
    expect(text).not.toMatch(/[^\t\n\u0020-\ud7ff\ue000-\ufffd]/);
    const open: string[] = [];
    for (const [, end, name = '', rest = ''] of text.matchAll(
      /<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*\/?)>/g,
    )) {
      if (end) expect(open.pop()).toBe(name);
      else if (!rest.endsWith('/')) open.push(name);
    }
    expect(open).toEqual([]);
    const bare = text.replaceAll(/<(?:\?xml[^>]*\?|\/?[a-z-]+(?: [a-z]+="[^"<]*")*\/?)>/g, '');
    expect(bare).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#\d+);)/);
  });
});

describe('github', () => {
  it('is a workflow command a finding, escaped as the runner undoes it', () => {
    const named = { file: 'q/50%,a:b.yaml', message: '100%\r\nsure, see: x' };
    expect(shown('github', [file(finding(named), finding({ severity: 'warning', endLine: 4 }))])).toBe(
      '::error file=q/50%25%2Ca%3Ab.yaml,line=3,endLine=3,col=5,endColumn=8,title=KS142::100%25%0D%0Asure, see: x\n' +
        '::warning file=q/a b.yaml,line=3,endLine=4,title=KS142::Unknown.\n',
    );
  });
});

describe('sarif', () => {
  /** The parts of the published schema of SARIF 2.1.0 that we use, with what it requires of them. */
  const text = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } };
  const level = { enum: ['none', 'note', 'warning', 'error'] };
  const place = { type: 'integer', minimum: 1 };
  const closed = (required: readonly string[], properties: object): object => ({
    type: 'object',
    additionalProperties: false,
    required,
    properties,
  });
  const rule = closed(['id'], {
    id: { type: 'string' },
    shortDescription: text,
    help: text,
    defaultConfiguration: closed([], { level }),
  });
  const driver = closed(['name'], {
    name: { type: 'string' },
    version: { type: 'string' },
    rules: { type: 'array', uniqueItems: true, items: rule },
  });
  const location = closed(['physicalLocation'], {
    physicalLocation: closed(['artifactLocation'], {
      artifactLocation: closed(['uri'], {
        uri: { type: 'string', pattern: "^[\\w\\-.~:/?#\\[\\]@!$&'()*+,;=%]+$" },
      }),
      region: closed(['startLine'], {
        startLine: place,
        startColumn: place,
        endLine: place,
        endColumn: place,
      }),
    }),
  });
  const result = closed(['message'], {
    ruleId: { type: 'string' },
    ruleIndex: { type: 'integer', minimum: -1 },
    level,
    message: text,
    locations: { type: 'array', items: location },
    partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
  });
  const run = closed(['tool'], {
    tool: closed(['driver'], { driver }),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    results: { type: 'array', items: result },
  });
  const validate = new Ajv().compile(
    closed(['version', 'runs'], {
      $schema: { type: 'string' },
      version: { const: '2.1.0' },
      runs: { type: 'array', items: run },
    }),
  );
  interface Log {
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: object } }[];
      }[];
    }[];
  }

  it('has the form of the standard, and results that point at their rules', () => {
    const files = [
      file(finding({ message: HOSTILE }), finding({ code: 'KQL205', severity: 'warning' }), finding()),
      file(
        finding({ code: 'LIB111', file: '/abs/ü #1.yaml' }),
        finding({ code: 'KQL205', file: './x/y.kql' }),
      ),
    ];
    const log = JSON.parse(shown('sarif', files)) as Log;
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    const [{ tool, results } = { tool: { driver: { rules: [] } }, results: [] }] = log.runs;
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['KS142', 'KQL205', 'LIB111']);
    expect(results).toHaveLength(5);
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    const uris = results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation);
    expect(uris).toEqual([
      { uri: 'q/a%20b.yaml' },
      { uri: 'q/a%20b.yaml' },
      { uri: 'q/a%20b.yaml' },
      { uri: 'file:///abs/%C3%BC%20%231.yaml' },
      { uri: 'x/y.kql' },
    ]);
  });

  it('of nothing found is a run without results', () => {
    const log = JSON.parse(shown('sarif', [])) as Log;
    expect(validate(log)).toBe(true);
    expect(log.runs[0]?.results).toEqual([]);
  });
});

it('a baseline takes away the findings it has, and counts them', () => {
  const checked = {
    ...file(finding(), finding({ fingerprint: 'f2' })),
    findings: [finding({ fingerprint: 'f3' })],
  };
  const { checked: left, known } = withoutKnown(checked, new Set(['f1', 'f3', 'f9']));
  expect(known).toBe(2);
  expect(left.findings).toEqual([]);
  expect(left.queries[0]?.findings.map(({ fingerprint }) => fingerprint)).toEqual(['f2']);
});
