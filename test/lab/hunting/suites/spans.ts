import { describe, expect, test } from 'vitest';
import { type HuntLab, moment, type Row, startHuntLab } from '../support.ts';

const BARE = 'DeviceEvents | project Timestamp, DeviceName, ReportId';
const HOUR = 3_600_000;

const slice = (from: string, to: string, op = '>=', end = '<'): string =>
  `DeviceEvents | where Timestamp ${op} datetime(${from}) and Timestamp ${end} datetime(${to})\n| project Timestamp, DeviceName, ReportId`;

const times = (rows: readonly Row[]): string[] => rows.map(({ Timestamp }) => String(Timestamp));

/** Rows of a span by halving it until each part is short. */
async function halved(lab: HuntLab, from: number, to: number): Promise<readonly Row[]> {
  if (to - from <= 2 * HOUR) {
    return (await lab.hunt(slice(new Date(from).toISOString(), new Date(to).toISOString()))).rows;
  }
  const middle = from + (to - from) / 2;
  return [...(await halved(lab, from, middle)), ...(await halved(lab, middle, to))];
}

describe.each([null, 1_000, HOUR / 4])('slices with times on a grid of %s ms', (huntTimeGridMs) => {
  test('joined are exactly the whole', async () => {
    const lab = startHuntLab({ huntTimeGridMs, huntRowsPerHour: 6 });
    const to = lab.clock.now();
    const whole = (await lab.hunt(BARE, 'P1D')).rows;
    expect(whole.length).toBeGreaterThan(100);
    const joined = await halved(lab, to - 24 * HOUR, to + 1);
    expect(joined).toEqual(whole);
  });

  test('a span inside another shows the rows of the other that lie in it', async () => {
    const lab = startHuntLab({ huntTimeGridMs, huntRowsPerHour: 6 });
    const whole = (await lab.hunt(BARE, 'P2D')).rows;
    const inner = (await lab.hunt(BARE, `${moment(30)}/${moment(7)}`)).rows;
    expect(inner).toEqual(
      whole.filter(({ Timestamp }) => String(Timestamp) >= moment(30) && String(Timestamp) <= moment(7)),
    );
    expect(inner.length).toBeGreaterThan(60);
  });
});

describe('ends', () => {
  const ROWS = [0, 1, 2].map((ticks) => ({ Timestamp: moment(5, ticks), N: ticks }));
  const QUERY = 'DeviceEvents | project Timestamp, N = 1';

  async function given(settings = {}): Promise<HuntLab> {
    const lab = startHuntLab(settings);
    await lab.defender.hunting.setRows({ query: QUERY, rows: ROWS });
    return lab;
  }

  test.each([
    ['both', [0, 1, 2]],
    ['start', [0, 1]],
    ['end', [1, 2]],
    ['neither', [1]],
  ] as const)('of a Timespan, %s belonging to it, to a tick', async (huntTimespanEnds, expected) => {
    const lab = await given({ huntTimespanEnds });
    const { rows } = await lab.hunt(QUERY, `${moment(5, 0)}/${moment(5, 2)}`);
    expect(rows.map(({ N }) => N)).toEqual(expected);
  });

  test.each([
    ['>=', '<=', [0, 1, 2]],
    ['>=', '<', [0, 1]],
    ['>', '<=', [1, 2]],
    ['>', '<', [1]],
  ] as const)('that the query writes mean what they say: %s %s', async (op, end, expected) => {
    const lab = await given({ huntTimespanEnds: 'neither' });
    const query = `DeviceEvents | where Timestamp ${op} datetime(${moment(5, 0)}) and Timestamp ${end} datetime(${moment(5, 2)}) | project Timestamp, N = 1`;
    expect((await lab.hunt(query)).rows.map(({ N }) => N)).toEqual(expected);
  });

  test.each([
    [`where Timestamp between (datetime(${moment(5, 1)}) .. datetime(${moment(5, 2)}))`, [1, 2]],
    [`where datetime(${moment(5, 1)}) < Timestamp`, [2]],
    [`where Timestamp > ago(5h)`, [1, 2]],
    [`where Timestamp >= now(-5h) and (Timestamp <= datetime(${moment(5, 1)}))`, [0, 1]],
    [`where Timestamp > startofday(now()) and Timestamp < now() - 5h + time(00:00:00.0000001)`, [0]],
    [`where Timestamp > datetime(2026-11-21)`, []],
    [`where Timestamp > todatetime("${moment(5, 1)}")`, [2]],
  ])('%s', async (where, expected) => {
    const lab = await given();
    const { rows } = await lab.hunt(`DeviceEvents | ${where} | project Timestamp, N = 1`);
    expect(rows.map(({ N }) => N)).toEqual(expected);
  });

  test('through names given by let, and where rows have no time to show', async () => {
    const lab = startHuntLab();
    const query = 'let D = DeviceEvents | project Timestamp, ReportId; D | project ReportId';
    const limited = `let since = ago(3h); let D = DeviceEvents | where Timestamp > since | project Timestamp, ReportId; D | project ReportId`;
    const all = await lab.hunt(query);
    const some = await lab.hunt(limited);
    expect(some.rows.length).toBeLessThan(10);
    expect(some.rows.length).toBeGreaterThan(0);
    expect(all.rows.length).toBeGreaterThan(1_000);
    // Another statement makes another query of it; the span itself does not.
    expect((await lab.hunt(limited.replace('ago(3h)', 'datetime(2026-11-01)'))).note).not.toBe(some.note);
  });
});

describe('the identity of a query', () => {
  const hashOf = (query: string): Promise<string> => startHuntLab().defender.hunting.hashOf(query);

  test('does not depend on its span, blanks, comments or a pinned now()', async () => {
    const bare = await hashOf("DeviceEvents | where ActionType == 'A' | extend Age = now() - Timestamp");
    for (const same of [
      "DeviceEvents // one\n|where ActionType=='A'\n|extend Age=now()-Timestamp",
      "DeviceEvents | where Timestamp > ago(1d) | where ActionType == 'A' | extend Age = now() - Timestamp",
      "DeviceEvents | where Timestamp >= datetime(2026-11-20) and Timestamp < datetime(2026-11-21) | where ActionType == 'A' | extend Age = datetime(2026-11-21T00:00:00Z) - Timestamp",
      "(DeviceEvents | where Timestamp > ago(1d)) | where ActionType == 'A' | extend Age = now() - Timestamp",
      "DeviceEvents | where ActionType == 'A' and Timestamp > ago(7d) | extend Age = now() - Timestamp",
    ]) {
      expect(await hashOf(same)).toBe(bare);
    }
  });

  test('depends on everything else', async () => {
    const texts = [
      "DeviceEvents | where ActionType == 'A'",
      "DeviceEvents | where ActionType == 'B'",
      "DeviceEvents | where ActionType != 'A'",
      "DeviceEvents | where ActionType == 'A' | take 5",
      "DeviceProcessEvents | where ActionType == 'A'",
      "DeviceEvents | where ActionType == 'A' and Timestamp > LastSeen".replace(
        'LastSeen',
        'ProcessCreationTime',
      ),
    ];
    const hashes = await Promise.all(texts.map(hashOf));
    expect(new Set(hashes).size).toBe(texts.length);
  });
});

describe('Timespan', () => {
  test.each([
    [`${moment(30)}/${moment(20)}`, 30, 20],
    [`PT10H/${moment(20)}`, 30, 20],
    [`${moment(30)}/PT10H`, 30, 20],
    ['PT10H', 10, 0],
    [moment(10), 10, 0],
    ['P1DT6H', 30, 0],
    ['P1W', 168, 0],
    [moment(30).slice(0, 10), 36, 0],
  ])('%s reaches from %i to %i hours ago', async (timespan, from, to) => {
    const { rows } = await startHuntLab({ huntRowsPerHour: 20 }).hunt(BARE, timespan);
    const [first = '', last = ''] = [times(rows)[0], times(rows).at(-1)];
    expect(first >= moment(from) && first < moment(from - 1)).toBe(true);
    expect(last <= moment(to) && last > moment(to + 1)).toBe(true);
  });

  test('the narrower of it and the query wins', async () => {
    const lab = startHuntLab({ huntRowsPerHour: 20 });
    const narrow = await lab.hunt(slice(moment(6), moment(4)), 'P1D');
    const same = await lab.hunt(slice(moment(24), moment(0)), `${moment(6)}/${moment(4)}`);
    expect(narrow.rows.length).toBeGreaterThan(30);
    expect(same.rows).toEqual(narrow.rows);
  });

  test('without one, and beyond, there are 30 days', async () => {
    const lab = startHuntLab();
    const month = await lab.hunt(BARE);
    const [first = ''] = times(month.rows);
    expect(first >= moment(720) && first < moment(715)).toBe(true);
    expect((await lab.hunt(BARE, 'P90D')).rows).toEqual(month.rows);
    expect(
      (await lab.hunt(`DeviceEvents | where Timestamp > ago(60d) | project Timestamp, DeviceName, ReportId`))
        .rows,
    ).toEqual(month.rows);
    lab.defender.settings.huntLongTimespan = 'refuse';
    const refused = await lab.hunt(BARE, 'P31D');
    expect([refused.status, refused.error?.message]).toEqual([
      400,
      "Timespan 'P31D' is longer than 30 days.",
    ]);
  });

  test.each([
    '',
    'yesterday',
    'P',
    'PT',
    'P1D/P1D',
    'a/b',
    '2026-13-01',
    `${moment(1)}/${moment(2)}`,
    'P1D/',
    '-P1D',
    '1/2/3',
  ])('refused: %j', async (timespan) => {
    const { status, error } = await startHuntLab().hunt(BARE, timespan);
    expect([status, error?.code]).toEqual([400, 'BadRequest']);
    expect(error?.message).toContain('ISO 8601');
  });
});

test('late rows have the time at which they happened, and are found up to an hour later', async () => {
  const lab = startHuntLab({ huntLateShare: 0.5, huntRowsPerHour: 30 });
  const span = `${moment(3)}/${moment(0)}`;
  const early = times((await lab.hunt(BARE, span)).rows);
  lab.clock.forward(HOUR);
  const late = times((await lab.hunt(BARE, span)).rows);
  expect(late).toHaveLength(90);
  expect(early.length).toBeLessThan(88);
  const missed = late.filter((time) => !early.includes(time));
  expect(missed.every((time) => time >= moment(1))).toBe(true);
  lab.clock.forward(HOUR);
  expect(times((await lab.hunt(BARE, span)).rows)).toEqual(late);
});
