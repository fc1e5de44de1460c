import { describe, expect, it } from 'vitest';
import { createChecker } from '../../../shared/hunting/kql/checker.ts';
import { CODES } from '../../../shared/hunting/kql/codes.ts';
import { huntingSchema } from '../../../shared/hunting/kql/default-schema.ts';
import { mergeSchemas, readSchema } from '../../../shared/hunting/kql/schema.ts';
import type { ParameterDeclaration } from '../../../shared/hunting/query.ts';
import { check, findingsIn, shown } from './checker.ts';

const parameter = (name: string, type: ParameterDeclaration['type'], list = false): ParameterDeclaration => ({
  name,
  type,
  list,
  required: false,
});

/** Text to what is found in it. Every line is a trap of its own. */
const CASES: Readonly<Record<string, readonly (readonly [text: string, ...found: string[]])[]>> = {
  'what is right': [
    ['DeviceInfo | where Timestamp > ago(1d) | project Timestamp, DeviceId, ReportId'],
    ['let since = 2h; DeviceEvents | where Timestamp > ago(since) | where FileName has "x" | count'],
    ['DeviceFileEvents | where Timestamp > ago(1d) and FileName =~ "a.exe" | invoke FileProfile(SHA1, 1000)'],
    ['DeviceFileEvents | where Timestamp > ago(1d) and FileName =~ "a.exe" | invoke FileProfile("SHA256")'],
    ['let arg = (a:string) { a }; print x = arg("y")'],
    ['print x = todynamic(dynamic({"a": 1})), y = parse_json( dynamic([1]))'],
    ['AssignedIPAddresses("pc-1", ago(1d)) | project IPAddress'],
    ['DeviceInfo | where DeviceId == "a"; '],
  ],
  'the form': [
    ['DeviceInfo | wher DeviceId == "x"', 'KS176 error "wher" -> where'],
    ['DeviceInfo | where (DeviceId == "x"', 'KS005 error ""'],
    ["DeviceInfo | where DeviceId == 'x", 'KS001 error ""'],
    ['(((', 'KS006 error ""'],
    // What comes after the first broken place is guessing, what comes before is not.
    ['DeviceInfo | where Foo == 1 | wher Bar | wher Baz', 'KS142 error "Foo"', 'KS176 error "wher" -> where'],
  ],
  'unknown names': [
    ['DeviceEvent | take 1', 'KS204 error "DeviceEvent" -> DeviceEvents'],
    [
      'DeviceEvent | where Devicename == "x" and DeviceId == "y" and tolowr(FileName) == "z"',
      'KS204 error "DeviceEvent" -> DeviceEvents',
      'KS142 error "Devicename" -> DeviceName',
      'KS211 error "tolowr" -> tolower',
    ],
    [
      'union isfuzzy=true DeviceInf, (DeviceInf | where OSPlatfrm == "x") | take 1',
      'KS205 warning "DeviceInf" -> DeviceInfo',
      'KS205 warning "DeviceInf" -> DeviceInfo',
    ],
    ['NothingLikeIt | where Whatever == "x"', 'KS204 error "NothingLikeIt"'],
    ['deviceinfo | take 1', 'KS204 error "deviceinfo" -> DeviceInfo'],
    ['ProcessCreationEvents | take 1', 'KS204 error "ProcessCreationEvents" -> DeviceProcessEvents'],
    ['GraphApiAuditEvents | take 1', 'KS204 error "GraphApiAuditEvents" -> GraphAPIAuditEvents'],
    ['DeviceInfo | where Devicename == "x"', 'KS142 error "Devicename" -> DeviceName'],
    ['DeviceInfo | where DEVICENAME == "x"', 'KS142 error "DEVICENAME" -> DeviceName'],
    ["DeviceInfo | where ['Device Name'] == 'x'", 'KS142 error "[\'Device Name\']" -> DeviceName'],
    ['let Wanted = 5; DeviceInfo | where ClientVersion == Wantd', 'KS142 error "Wantd" -> Wanted'],
    ['DeviceInfo | extend x = tolowr(DeviceName)', 'KS211 error "tolowr" -> tolower'],
    ['DeviceInfo | summarize cuont()', 'KS211 error "cuont" -> count'],
    [
      'DeviceFileEvents | take 1 | invoke FileProfil(SHA1)',
      'KS211 error "FileProfil" -> FileProfile',
      'KS142 error "SHA1"',
    ],
    ['DeviceFileEvents | take 1 | invoke FileProfile(SHA2)', 'KS142 error "SHA2"'],
    ['DeviceInfo | take 1 | invoke FileProfile(SHA1)', 'KS142 error "SHA1"'],
    ['union isfuzzy=true DeviceInf, DeviceInfo | take 1', 'KS205 warning "DeviceInf" -> DeviceInfo'],
  ],
  'wrong types': [
    ['DeviceInfo | where Timestamp > "2026"', 'KS106 error ">"'],
    ['DeviceInfo | where Timestamp > ago("1d")', 'KS107 error "\\"1d\\""'],
    ['DeviceInfo | where DeviceName = "x"', 'KS141 error "DeviceName = \\"x\\""'],
    ['DeviceInfo | where DeviceName == 5', 'KQL206 warning "DeviceName == 5"'],
    ['DeviceInfo | where 5 != DeviceName', 'KQL206 warning "5 != DeviceName"'],
    ['DeviceInfo | where DeviceName in ("a", 5)', 'KQL206 warning "DeviceName in (\\"a\\", 5)"'],
    [
      'DeviceEvents | where Timestamp > ago(1d) and ProcessId == "5" | count',
      'KQL206 warning "ProcessId == \\"5\\""',
    ],
    ['DeviceInfo | extend a = parse_json(AdditionalFields) | where a.x == 5 and a.y == "5"'],
  ],
  'not one query': [
    ['', 'KQL101 error ""'],
    [' \n// only a comment\n', 'KQL101 error ""'],
    ['let a = 5;', 'KQL101 error ""'],
    ['.show tables', 'KQL102 error "."'],
    ['\n  .drop table DeviceInfo', 'KQL102 error "."'],
    ['DeviceInfo | take 1; DeviceEvents | take 1', 'KQL103 error "DeviceEvents | take 1"'],
    ['DeviceInfo\n| take 1\n\n// Second\nDeviceEvents\n| take 1', 'KQL103 error "/"'],
  ],
  'data of elsewhere': [
    ['cluster("a").database("b").T | take 1', 'KQL104 error "cluster(\\"a\\")"'],
    ['database("b").DeviceInfo | take 1', 'KQL104 error "database(\\"b\\")"'],
    ['workspace("w").SigninLogs | take 1', 'KQL104 error "workspace(\\"w\\")"'],
    ['arg("").Resources | take 1', 'KQL104 error "arg(\\"\\")"'],
    ['union DeviceInfo, adx("u").T | take 1', 'KQL104 error "adx(\\"u\\")"'],
  ],
  'what reads from the web': [
    [
      'externaldata(a:string)["https://x.example/a.csv", h@"https://y.example:8443/b"] | take 1',
      'KQL201 warning "\\"https://x.example/a.csv\\""',
      'KQL201 warning "h@\\"https://y.example:8443/b\\""',
    ],
  ],
  'tables and columns that are not, or no longer, documented': [
    [
      'AADSignInEventsBeta | where Timestamp > ago(1d) | count',
      'KQL204 warning "AADSignInEventsBeta" -> EntraIdSignInEvents',
    ],
    ['AIAgentsInfo | count', 'KQL204 warning "AIAgentsInfo" -> AgentsInfo'],
    ['EmailEvents | where EmailSize > 5 and EmailSize < 9 | count', 'KQL202 warning "EmailSize"'],
    ['DeviceInfo | where TimeGenerated > ago(1d) | count', 'KQL210 warning "TimeGenerated" -> Timestamp'],
    [
      'DeviceInfo | where TimeGenerated > ago(1d) | where Nope == 1',
      'KQL210 warning "TimeGenerated" -> Timestamp',
      'KS142 error "Nope"',
    ],
    ['DeviceInfo | extend TimeGenerated = Timestamp | where TimeGenerated > ago(1d)'],
  ],
  amounts: [
    ['DeviceEvents | where FileName == "a"', 'KQL205 warning "DeviceEvents"'],
    ['DeviceEvents | where FileName == "a" | where Timestamp between (ago(2d) .. now())'],
    ['let T = DeviceEvents | where FileName == "a"; T | where Timestamp > ago(1d) | count'],
    [
      'let T = DeviceEvents | where FileName == "a"; T | union (T | where Timestamp > ago(1d)) | count',
      'KQL205 warning "DeviceEvents"',
    ],
    ['union DeviceEvents, (DeviceFileEvents) | where Timestamp > ago(1d) | count'],
    [
      'DeviceInfo | join kind=inner (DeviceEvents) on DeviceId | where Timestamp > ago(1d)',
      'KQL205 warning "DeviceEvents"',
    ],
    ['DeviceEvents | where Timestamp > ago(1d)', 'KQL209 warning "DeviceEvents"'],
    ['DeviceEvents | where Timestamp > ago(1d) | extend x = 1 | project x', 'KQL209 warning "DeviceEvents"'],
    ['DeviceEvents | where Timestamp > ago(1d) | summarize count() by DeviceId'],
    ['DeviceInfo | where DeviceId in ((DeviceEvents | where Timestamp > ago(1d) | project DeviceId))'],
    ['DeviceInfo | take 200000', 'KQL209 warning "take 200000"'],
    ['DeviceInfo | take 100000'],
    ['search "x"', 'KQL211 warning "search"'],
    ['search in (DeviceInfo) "x"'],
    ['DeviceInfo | search "x"'],
    ['find where DeviceId == "a"', 'KQL211 warning "find"'],
    ['union * | where DeviceId == "x" | take 5', 'KQL211 warning "*"'],
  ],
  words: [
    ['DeviceInfo | where DeviceName contains "server"', 'KQL208 warning "contains" -> has'],
    ['DeviceInfo | where DeviceName contains "srv"'],
    ['DeviceInfo | where DeviceName contains "srv-0"'],
    ['DeviceInfo | extend x = DeviceName contains "server"'],
    ['DeviceInfo | where DeviceName has "server"'],
  ],
};

for (const [group, cases] of Object.entries(CASES)) {
  describe(group, () => {
    it.each(cases.map(([text, ...found]) => ({ text, found })))('$text', ({ text, found }) => {
      expect(findingsIn(text)).toEqual(found);
    });
  });
}

it('gives every code of its own in some test here', () => {
  const tried = new Set(
    Object.values(CASES)
      .flat(2)
      .flatMap((line) => line.match(/^KQL\d+/) ?? []),
  );
  const elsewhere = [
    'KQL105',
    'KQL106',
    'KQL107',
    'KQL108',
    'KQL109',
    'KQL110',
    'KQL203',
    'KQL207',
    'KQL212',
    'KQL900',
  ];
  expect([...tried, ...elsewhere].sort()).toEqual(Object.keys(CODES).sort());
});

describe('parameters', () => {
  const parameters = [
    parameter('Who', 'string'),
    parameter('Since', 'timespan'),
    parameter('Ids', 'int', true),
  ];

  it('are known by name and type, and move nothing', () => {
    const text = 'DeviceInfo | where DeviceName == Who and Timestamp > ago(Since) and ExposureLevel in (Ids)';
    expect(findingsIn(text, { parameters })).toEqual([]);
    expect(findingsIn(text)).toEqual([
      'KS142 error "Who"',
      'KS142 error "Since" -> Site',
      'KS142 error "Ids"',
    ]);
    expect(findingsIn('DeviceInfo | where Timestamp > ago(Who)', { parameters })).toEqual([
      'KS107 error "Who"',
    ]);
    expect(findingsIn('DeviceInfo | where DeviceName == Whoo', { parameters })).toEqual([
      'KS142 error "Whoo" -> Who',
    ]);
  });

  it('of one query are unknown to the next', () => {
    findingsIn('print Who', { parameters });
    expect(findingsIn('print Who')).toEqual(['KS142 error "Who"']);
  });

  it('must not be declared by the query too', () => {
    expect(findingsIn('let Who = "x"; print Who', { parameters })).toEqual(['KQL105 error "Who"']);
  });
});

describe('findings', () => {
  const scheduled = (...keys: string[]) => ({ findings: { keys } });
  const text = 'DeviceEvents | summarize arg_max(Timestamp, ReportId) by DeviceId';

  it('need their keys among the columns of the result', () => {
    expect(findingsIn(text, scheduled('DeviceId'))).toEqual([]);
    expect(findingsIn(text, scheduled('DeviceId', 'deviceName'))).toEqual([
      'KQL106 error "summarize arg_max(Timestamp, ReportId) by DeviceId"',
    ]);
    expect(findingsIn(text, scheduled('DeviceID'))[0]).toMatch(/-> DeviceId$/);
  });

  it('need a time', () => {
    expect(findingsIn('DeviceEvents | summarize count() by DeviceId', scheduled())).toEqual([
      'KQL207 warning "summarize count() by DeviceId"',
    ]);
  });

  it('have the columns that entities and custom details name, told with what names them', () => {
    const named = (column: string) => ({
      ...scheduled(),
      namedColumns: [{ column, as: 'entity Host (HostName)' }],
    });
    expect(findingsIn(text, named('ReportId'))).toEqual([]);
    expect(findingsIn(text, named('DeviceID'))).toEqual([
      'KQL110 error "summarize arg_max(Timestamp, ReportId) by DeviceId" -> DeviceId',
    ]);
    expect(check({ text, ...named('Host') }).diagnostics[0]?.message).toBe(
      'The column “Host” of entity Host (HostName) is no column of the result.',
    );
    expect(findingsIn('SigninLogs | take 1', { platform: 'sentinel', ...named('Host') })).toEqual([
      'KQL212 warning "SigninLogs"',
    ]);
  });

  it('are not judged where the columns cannot be known', () => {
    const open =
      'DeviceInfo | extend x = parse_json(AdditionalFields) | evaluate bag_unpack(x) | project-away Timestamp';
    expect(findingsIn(open, scheduled('Anything'))).toEqual([]);
    expect(check({ text: open }).columnsComplete).toBe(false);
  });
});

describe('a query for a Sentinel workspace', () => {
  const platform = 'sentinel';

  it('is checked as far as the schema goes', () => {
    expect(findingsIn('SigninLogs | where TimeGenerated > ago(1d)', { platform })).toEqual([
      'KQL212 warning "SigninLogs"',
    ]);
    expect(findingsIn('DeviceInfo | where TimeGenerated > ago(1d) and TenantId == ""', { platform })).toEqual(
      ['KQL212 warning "TenantId"'],
    );
    expect(findingsIn('_GetWatchlist("a") | take 1', { platform })).toEqual([
      'KQL212 warning "_GetWatchlist"',
    ]);
    expect(findingsIn('workspace("b").T | take 1', { platform })).toEqual([
      'KQL104 warning "workspace(\\"b\\")"',
    ]);
    expect(findingsIn('DeviceInfo | wher DeviceId == "x"', { platform })).toEqual([
      'KS176 error "wher" -> where',
    ]);
    expect(findingsIn('DeviceInfo | where TimeGenerated > "1d"', { platform })).toEqual(['KS106 error ">"']);
  });
});

describe('a schema of one’s own', () => {
  const file = {
    tables: { Custom_CL: { TimeGenerated: 'datetime', Raw: 'string' }, DeviceInfo: 'Extra:boolean' },
    functions: { Watch: { parameters: 'alias:string', columns: 'Item:string' } },
    undocumentedTables: { Secret: 'A:int' },
  };
  const { schema, alone } = readSchema(file, 'own.json');
  const checkOwn = createChecker(mergeSchemas(huntingSchema(), schema));
  const found = (text: string): readonly string[] => shown(text, checkOwn({ text }));

  it('adds tables, columns and functions', () => {
    expect(alone).toBe(false);
    expect(found('Custom_CL | where TimeGenerated > ago(1d) and Raw has "x"')).toEqual([]);
    expect(found('DeviceInfo | where Extra and DeviceName == "x"')).toEqual([]);
    expect(found('Watch("a") | where Item == "b"')).toEqual([]);
    expect(found('Secret | where A == 1')).toEqual(['KQL203 warning "Secret"']);
    expect(findingsIn('Custom_CL | take 1')).toHaveLength(1);
  });

  it.each([
    [{ Own_CL: { columns: { A: 'string' } } }, 'columns are "Timestamp:datetime, DeviceId:string" or'],
    [{ Own_CL: 'A' }, 'tables.Own_CL.A has no type: write "Name:type"'],
    [{ Own_CL: 'A:text' }, 'tables.Own_CL.A has the type text, which is none of KQL (string, datetime,'],
  ])('is refused with what it should look like: %j', (tables, words) => {
    expect(() => readSchema({ tables }, 'own.json')).toThrow(words);
  });

  it('is refused with every fault of it', () => {
    const wrong = { tables: { A: { x: 'text', y: 5 }, B: 7 }, tabels: {}, functions: { F: { call: 'x' } } };
    expect(() => readSchema(wrong, 'own.json')).toThrow(
      /own\.json.*"tabels".*tables\.A\.x.*text.*tables\.A\.y.*tables\.B is not a map.*functions\.F\.call/,
    );
    expect(() => readSchema([], 'own.json')).toThrow(/is not a map/);
  });
});

describe('a text that no service should see', () => {
  it.each([
    ['a null character', 'print 1\0', 'KQL107'],
    ['UTF-16 read as something else', 'p\0r\0i\0n\0t\0 \x001\0', 'KQL107'],
    ['half of a pair', 'print "\ud800"', 'KQL107'],
    ['1 MB', `print "${'x'.repeat(1_000_000)}"`, 'KQL108'],
    ['10,000 brackets', `print ${'('.repeat(10_000)}1${')'.repeat(10_000)}`, 'KQL109'],
    ['a chain of 2,000 or', `DeviceInfo | where ${'DeviceId == "x" or '.repeat(2000)}true`, 'KQL109'],
  ])('%s: one finding', (_what, text, code) => {
    const { diagnostics } = check({ text });
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(diagnostics[0]?.severity).toBe('error');
  });

  it('is not one with many brackets in strings and comments, or with a pair of UTF-16', () => {
    const brackets = '('.repeat(5000);
    for (const text of [
      `print "${brackets}", '${brackets}', @"${brackets}" // ${brackets}`,
      `print \`\`\`${brackets}\n${brackets}\`\`\``,
      'print "😀"',
    ]) {
      expect(findingsIn(text)).toEqual([]);
    }
  });
});

describe('what the query gives', () => {
  it('is told by name and type', () => {
    expect(
      check({ text: 'DeviceInfo | summarize n = count(), newest = max(Timestamp) by DeviceId' }),
    ).toMatchObject({
      columns: [
        { name: 'DeviceId', type: 'string' },
        { name: 'n', type: 'long' },
        { name: 'newest', type: 'datetime' },
      ],
      columnsComplete: true,
      tables: ['DeviceInfo'],
    });
  });

  it('names every table, those of wildcards too, each once', () => {
    expect(check({ text: 'union DeviceIn*, (DeviceInfo | take 1) | take 1' }).tables).toEqual(['DeviceInfo']);
    expect(check({ text: 'search in (Alert*) "x"' }).tables).toEqual(['AlertEvidence', 'AlertInfo']);
    expect(check({ text: 'let f = () { AlertInfo }; f | join DeviceInfo on Timestamp' }).tables).toEqual([
      'AlertInfo',
      'DeviceInfo',
    ]);
  });

  it('leaves out columns that are not documented unless it names one', () => {
    const names = (text: string): readonly string[] => check({ text }).columns.map(({ name }) => name);
    expect(names('EmailEvents')).not.toContain('EmailSize');
    expect(names('EmailEvents | project EmailSize')).toEqual(['EmailSize']);
  });

  it('is unknown where the query has errors', () => {
    expect(check({ text: 'Nope | project x' })).toMatchObject({
      columnsComplete: false,
      slicing: { possible: false },
    });
  });
});

it('points at the clock’s calls, and at no function of the query’s own', () => {
  const text = 'let f = (now:datetime) { now }; print now(), ago(2d + 1h), f(now(-1d)), "now()" // ago(1d)';
  expect(
    check({ text }).clockCalls.map(({ kind, start, length, argument }) => [
      kind,
      text.slice(start, start + length),
      argument && text.slice(argument.start, argument.start + argument.length),
    ]),
  ).toEqual([
    ['now', 'now()', undefined],
    ['ago', 'ago(2d + 1h)', '2d + 1h'],
    ['now', 'now(-1d)', '-1d'],
  ]);
});
