import { describe, expect, it } from 'vitest';
import { pinClock, type SlicePoint, sliceText } from '../../../shared/hunting/kql/edit-text.ts';
import { check } from './checker.ts';
import { hasHunts, readHunts } from './hunts.ts';

const AT = '2026-11-21T12:34:56.1234567Z';
const SLICE = { from: '2026-11-20T00:00:00Z', to: '2026-11-20T12:00:00.5Z' };
const FILTER =
  ' | where Timestamp >= datetime(2026-11-20T00:00:00.0000000Z) and Timestamp < datetime(2026-11-20T12:00:00.5000000Z)';

function sliced(text: string): string {
  const { slicing, diagnostics } = check({ text });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  if (!slicing.possible) return `not: ${slicing.reason}`;
  return sliceText(text, slicing, SLICE);
}

describe('a query that looks at rows one by one', () => {
  it.each([
    ['DeviceEvents', `DeviceEvents${FILTER}`],
    ['DeviceEvents|count | project 1', undefined],
    [
      'DeviceEvents | where FileName == "a" | project DeviceId',
      `DeviceEvents${FILTER} | where FileName == "a" | project DeviceId`,
    ],
    [
      'DeviceEvents // all of them\n| where FileName == "a"',
      `DeviceEvents${FILTER} // all of them\n| where FileName == "a"`,
    ],
    ["['DeviceEvents'] | extend x = 1", `['DeviceEvents']${FILTER} | extend x = 1`],
    ['(DeviceEvents) | sort by Timestamp', `(DeviceEvents${FILTER}) | sort by Timestamp`],
    [
      'let names = dynamic(["a"]); let T = materialize(DeviceEvents | where FileName in (names)); T | project DeviceId',
      `let names = dynamic(["a"]); let T = materialize(DeviceEvents${FILTER} | where FileName in (names)); T | project DeviceId`,
    ],
    [
      'DeviceEvents | mv-expand x = parse_json(AdditionalFields) | mv-apply y = x on (top 1 by tostring(y)) | parse FileName with a "." b',
      `DeviceEvents${FILTER} | mv-expand x = parse_json(AdditionalFields) | mv-apply y = x on (top 1 by tostring(y)) | parse FileName with a "." b`,
    ],
    [
      'let L = datatable(FileName:string)["a"]; DeviceEvents | join kind=inner L on FileName | lookup L on FileName',
      `let L = datatable(FileName:string)["a"]; DeviceEvents${FILTER} | join kind=inner L on FileName | lookup L on FileName`,
    ],
    [
      'let f = (x:string) { tolower(x) }; DeviceEvents | where f(FileName) == "a"',
      `let f = (x:string) { tolower(x) }; DeviceEvents${FILTER} | where f(FileName) == "a"`,
    ],
  ])('%s', (text, expected) => {
    if (expected === undefined) expect(sliced(text)).toMatch(/^not: /);
    else expect(sliced(text)).toBe(expected);
  });
});

describe('a query that looks at more than one row', () => {
  it.each([
    ['DeviceEvents | summarize count() by DeviceId', '“summarize” looks at more than one row'],
    ['DeviceEvents | distinct DeviceId', '“distinct” looks'],
    ['DeviceEvents | take 5', '“take” looks'],
    ['DeviceEvents | top 5 by Timestamp', '“top” looks'],
    ['DeviceEvents | sample 5', 'it has “sample”'],
    ['DeviceEvents | count', '“count” looks'],
    ['DeviceEvents | make-series count() on Timestamp step 1h', '“make-series” looks'],
    ['DeviceEvents | serialize | extend n = row_number()', 'row_number() does not'],
    ['DeviceEvents | sort by Timestamp | extend p = prev(DeviceId)', 'prev() does not'],
    ['DeviceEvents | where rand() < 0.1', 'rand() does not'],
    ['DeviceEvents | serialize', '“serialize” looks'],
    ['DeviceEvents | extend x = parse_json(AdditionalFields) | evaluate bag_unpack(x)', 'it has “evaluate”'],
    ['DeviceFileEvents | invoke FileProfile(SHA1)', 'it has “invoke”'],
    [
      'DeviceEvents | join kind=leftouter DeviceInfo on DeviceId',
      'it reads several sources: DeviceEvents, DeviceInfo',
    ],
    ['DeviceEvents | join kind=inner (DeviceEvents) on DeviceId', 'it reads several sources'],
    ['DeviceEvents | where DeviceId in ((DeviceInfo | project DeviceId))', 'it reads several sources'],
    ['union DeviceEvents, DeviceInfo', 'it reads several sources'],
    ['union DeviceEvents', 'it has “union”'],
    ['let T = DeviceEvents; T | where DeviceId in ((T | project DeviceId))', '“T” is used more than once'],
    ['let T = DeviceEvents; T | union T', '“union” looks at more than one row'],
    ['let n = toscalar(DeviceEvents | count); print n', 'it has “print”'],
    [
      'datatable(DeviceId:string)["a"] | where DeviceId in ((DeviceEvents | project DeviceId))',
      'it has “datatable”',
    ],
    [
      'datatable(DeviceId:string)["a"] | join kind=inner DeviceEvents on DeviceId',
      'a join of kind inner|it has “datatable”',
    ],
    [
      'let L = datatable(FileName:string)["a"]; DeviceEvents | join L on FileName',
      'a join of kind innerunique',
    ],
    [
      'let L = datatable(FileName:string)["a"]; DeviceEvents | join kind=rightouter L on FileName',
      'a join of kind rightouter',
    ],
    [
      'let L = externaldata(FileName:string)["https://x.example"]; DeviceEvents | join kind=inner L on FileName',
      'it has “externaldata”',
    ],
    [
      'let L = datatable(FileName:string)["a", "b"] | sample 1; DeviceEvents | where FileName in (L)',
      'it has “sample”',
    ],
    ['search in (DeviceEvents) "x"', 'it has “search”'],
    ['DeviceEvents | search "x"', 'it has “search”'],
    ['let f = () { DeviceEvents }; f', 'is not followed|it has'],
    ['let f = () { DeviceEvents | take 5 }; f() | where FileName == "a"', ''],
    ['set query_take_max_records=5; DeviceEvents', 'SetOptionStatement is not followed'],
    ['DeviceEvents | as X | where FileName == "a"', '“as” looks'],
    ['DeviceEvents | partition by DeviceId (take 1)', '“partition” looks'],
    ['ExposureGraphNodes | where NodeLabel == "x"', 'ExposureGraphNodes has no time column'],
    ['print 1', 'it reads no table'],
  ])('%s: %s', (text, reason) => {
    expect(sliced(text)).toMatch(/^not: /);
    if (!reason.includes('|')) expect(sliced(text)).toContain(reason);
  });
});

it('slices by a workspace’s own time where the table has it', () => {
  const text = 'DeviceEvents | where FileName == "a"';
  expect(check({ text, platform: 'sentinel' }).slicing).toMatchObject({
    possible: true,
    column: 'Timestamp',
  });
});

describe('a pinned clock', () => {
  const pinnedText = (text: string): string => pinClock(text, check({ text }), AT).text;
  const at = `datetime(${AT})`;

  it('stands still, in nested calls too', () => {
    expect(pinnedText('print a = now(), b = ago(7d)')).toBe(
      `print a = ${at}, b = datetime(2026-11-14T12:34:56.1234567Z)`,
    );
    expect(pinnedText('print ago(now() - now(-1d)), "now()", now(2h)')).toBe(
      `print (${at} - (${at} - datetime(2026-11-20T12:34:56.1234567Z))), "now()", datetime(2026-11-21T14:34:56.1234567Z)`,
    );
    expect(pinnedText('let d = 5d; print ago( d ), ago(0.5ms), ago(1tick)')).toBe(
      `let d = 5d; print (${at} - (d)), datetime(2026-11-21T12:34:56.1229567Z), datetime(2026-11-21T12:34:56.1234566Z)`,
    );
    expect(pinnedText('print ago(999999999d)')).toBe(`print (${at} - (999999999d))`);
  });

  it('moves the place of the slices along', () => {
    const text = 'let since = ago(1d); DeviceEvents | where Timestamp between (since .. now())';
    const { slicing, clockCalls } = check({ text });
    if (!slicing.possible) throw new Error(slicing.reason);
    const pinned = pinClock(text, { slicing, clockCalls }, AT);
    expect(sliceText(pinned.text, pinned.slicing, SLICE)).toBe(
      `let since = datetime(2026-11-20T12:34:56.1234567Z); DeviceEvents${FILTER} | where Timestamp between (since .. ${at})`,
    );
    expect(pinClock('print 1', check({ text: 'print 1' }), AT).slicing.possible).toBe(false);
  });

  it('takes times alone', () => {
    const point: SlicePoint = { possible: true, column: 'Timestamp', table: 'T', insertAt: 1 };
    for (const time of ['2026-11-20', '2026-11-20T00:00:00Z) or (1==1', '2026-02-31T00:00:00Z', '']) {
      expect(() => sliceText('T', point, { from: time, to: AT })).toThrow(RangeError);
      expect(() => sliceText('T', point, { from: AT, to: time })).toThrow(RangeError);
      expect(() => pinClock('T', { slicing: point, clockCalls: [] }, time)).toThrow(RangeError);
    }
  });
});

// They lie beside the repository; in CI their absence is an error, elsewhere there is nothing to check.
describe.skipIf(!hasHunts && !process.env.CI)('the public hunts', async () => {
  const hunts = hasHunts ? await readHunts() : [];

  it('pass without an error, and with few warnings', { timeout: 60_000 }, () => {
    expect(hunts).toHaveLength(60);
    const codes: Record<string, number> = {};
    for (const { file, text } of hunts) {
      for (const { code, severity, message } of check({ text }).diagnostics) {
        expect(severity, `${file}: ${code} ${message}`).toBe('warning');
        codes[code] = (codes[code] ?? 0) + 1;
      }
    }
    expect(codes).toEqual({ KQL204: 1, KQL205: 17, KQL208: 2, KQL209: 1 });
  });

  it('bind as well, to the same columns, with a pinned clock and sliced', { timeout: 60_000 }, () => {
    let slicedOnes = 0;
    for (const { file, text } of hunts) {
      const before = check({ text });
      const pinned = pinClock(text, before, AT);
      const edited = pinned.slicing.possible ? sliceText(pinned.text, pinned.slicing, SLICE) : pinned.text;
      const after = check({ text: edited });
      expect(
        after.diagnostics.filter(({ severity }) => severity === 'error'),
        file,
      ).toEqual([]);
      expect(after.columns, file).toEqual(before.columns);
      expect(after.clockCalls, file).toEqual([]);
      expect(after.slicing.possible, file).toBe(before.slicing.possible);
      if (before.slicing.possible) slicedOnes += 1;
    }
    expect(slicedOnes).toBe(15);
  });
});
