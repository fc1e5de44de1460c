import { describe, expect, it } from 'vitest';
import { CODES } from '../../../shared/hunting/kql/codes.ts';
import { findingsIn } from './checker.ts';

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
