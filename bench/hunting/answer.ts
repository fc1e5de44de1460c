const ROWS = 100_000;

/** An answer of `runHuntingQuery` of 50 MB and 100,000 rows, in pieces; the same each time. */
export function* answerOf50Mb(): Generator<string, void> {
  yield '{"@odata.context":"","schema":[{"name":"Timestamp","type":"DateTime"},{"name":"DeviceName","type":"String"}],"results":[';
  let seed = 12_345;
  const next = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed;
  };
  for (let first = 0; first < ROWS; first += 100) {
    const rows = Array.from({ length: 100 }, (_, n) => row(first + n, next));
    yield `${first === 0 ? '' : ','}${rows.join(',')}`;
  }
  yield ']}';
}

function row(index: number, next: () => number): string {
  const day = String(1 + (index % 28)).padStart(2, '0');
  return JSON.stringify({
    Timestamp: `2026-11-${day}T12:09:23.${String(index).padStart(7, '0')}Z`,
    DeviceId: next().toString(16).padStart(40, 'a'),
    DeviceName: `host-${next() % 1_000}.contoso.com`,
    ActionType: 'ProcessCreated',
    FileName: 'powershell.exe',
    FolderPath: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
    ProcessCommandLine: `powershell.exe -nop -w hidden -enc ${next().toString(36).repeat(9)}`,
    'ReportId@odata.type': '#Int64',
    ReportId: next(),
    AccountName: `user${next() % 5_000}`,
    AdditionalFields: { index, none: null, words: ['one', 'two "quoted"'] },
  });
}
