import { describe, expect, test } from 'vitest';
import { moment, startHuntLab, XDR } from '../support.ts';

const QUERY = 'DeviceProcessEvents | project Timestamp, DeviceName, FileName, ReportId';

describe('rows', () => {
  test('are the same for the same seed, tenant and query, and others for another of each', async () => {
    const first = await startHuntLab({}, { seed: 3 }).hunt(QUERY, 'P1D');
    expect(first.rows.length).toBeGreaterThan(20);
    expect((await startHuntLab({}, { seed: 3 }).hunt(QUERY, 'P1D')).text).toBe(first.text);
    const otherQuery = QUERY.replace('FileName', 'SHA1');
    for (const other of [
      await startHuntLab({}, { seed: 4 }).hunt(QUERY, 'P1D'),
      await startHuntLab({}, { seed: 3, tenant: '99999999-2222-4333-8444-555555555555' }).hunt(QUERY, 'P1D'),
      await startHuntLab({}, { seed: 3 }).hunt(otherQuery, 'P1D'),
    ]) {
      const times = other.rows.map(({ Timestamp }) => Timestamp);
      expect(first.rows.some(({ Timestamp }) => times.includes(Timestamp))).toBe(false);
    }
  });

  test('are of the people and machines of the incidents', async () => {
    const lab = startHuntLab();
    const { users, devices } = lab.defender.tenant('11111111-2222-4333-8444-555555555555').generator.world();
    const { rows } = await lab.hunt(
      'DeviceLogonEvents | project DeviceName, DeviceId, AccountUpn=AccountName, AccountName',
    );
    expect(rows.length).toBeGreaterThan(100);
    for (const { DeviceName, DeviceId, AccountName } of rows) {
      const device = devices.find(({ deviceDnsName }) => deviceDnsName === DeviceName);
      expect(device?.mdeDeviceId).toBe(DeviceId);
      expect(users.map(({ accountName }) => accountName)).toContain(AccountName);
    }
  });

  test('have the values that the query looks for', async () => {
    const query =
      "DeviceProcessEvents | where ActionType == 'Odd\\\\one' and FileName in~ ('a.exe', 'b.exe') and Timestamp > ago(9d)";
    const { rows } = await startHuntLab().hunt(query);
    expect(new Set(rows.map(({ ActionType }) => ActionType))).toEqual(new Set(['Odd\\one']));
    expect(new Set(rows.map(({ FileName }) => FileName))).toEqual(new Set(['a.exe', 'b.exe']));
  });

  test('come again: some findings in hour after hour, others once', async () => {
    const { rows } = await startHuntLab({ huntRowsPerHour: 10 }).hunt(QUERY, 'P1D');
    const times = new Map<unknown, number>();
    for (const { DeviceName, FileName } of rows) {
      const key = `${DeviceName} ${FileName}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    expect([...times.values()].filter((count) => count > 10).length).toBeGreaterThanOrEqual(3);
    expect([...times.values()].filter((count) => count === 1).length).toBeGreaterThan(20);
    expect(new Set(rows.map(({ ReportId }) => ReportId)).size).toBeGreaterThan(5);
  });

  test('new ones appear while time goes by, old ones stay', async () => {
    const lab = startHuntLab({ huntRowsPerHour: 5 });
    const before = (await lab.hunt(QUERY, `${moment(10)}/P30D`)).rows;
    lab.clock.forward(3 * 3_600_000);
    const after = (await lab.hunt(QUERY, `${moment(10)}/P30D`)).rows;
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.length - before.length).toBe(15);
    expect(after.at(-1)?.Timestamp).toMatch(/^2026-11-20T14:/);
  });

  test('from the hour of the start on there may be more of them', async () => {
    const lab = startHuntLab({ huntLivePerHour: 60, huntRowsPerHour: 1 });
    lab.clock.forward(30 * 60_000);
    const { rows } = await lab.hunt(QUERY, moment(24));
    const live = rows.filter(({ Timestamp }) => String(Timestamp) >= moment(0));
    expect(live.length).toBeGreaterThan(15);
    expect(rows.length - live.length).toBe(24);
    lab.clock.forward(120_000);
    expect((await lab.hunt(QUERY, moment(24))).rows.length).toBeGreaterThan(rows.length);
    lab.defender.settings.huntRowsPerHour = 0;
    expect((await lab.hunt(QUERY, moment(24))).rows).toEqual([]);
  });

  test('by default some queries find nothing, and others something', async () => {
    const lab = startHuntLab({ huntRowsPerHour: null });
    const counts: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      counts.push((await lab.hunt(`DeviceEvents | extend N = ${n}`)).rows.length);
    }
    expect(counts).toContain(0);
    expect(Math.max(...counts)).toBeGreaterThan(100);
  });

  test('of a table without a time are the same in every span', async () => {
    const lab = startHuntLab();
    const all = await lab.hunt('DeviceTvmSoftwareInventory');
    expect(all.rows.length).toBeGreaterThan(100);
    expect((await lab.hunt('DeviceTvmSoftwareInventory', 'PT5M')).rows).toEqual(all.rows);
  });

  test('are as many as take, top, count and summarize leave', async () => {
    const lab = startHuntLab();
    const rowsOf = async (query: string, span?: string) => (await lab.hunt(query, span)).rows;
    const all = await rowsOf('DeviceEvents | project Timestamp, Who=AccountName');
    expect(await rowsOf('DeviceEvents | take 7')).toHaveLength(7);
    expect(await rowsOf('let n = 3; DeviceEvents | take n | extend A = 1')).toHaveLength(3);
    expect(await rowsOf('DeviceEvents | take 0')).toEqual([]);
    expect(await rowsOf('DeviceEvents | take 7 | mv-expand todynamic(AdditionalFields)')).toHaveLength(
      all.length,
    );
    expect(await rowsOf('DeviceEvents | count', 'PT1S')).toHaveLength(1);
    expect(await rowsOf('DeviceEvents | summarize max(Timestamp) | extend A = 1', 'PT1S')).toHaveLength(1);
    const newest = await rowsOf('DeviceEvents | top 5 by Timestamp | project Timestamp');
    expect(newest).toHaveLength(5);
    expect(newest).toEqual([...newest].sort((a, b) => (String(a.Timestamp) < String(b.Timestamp) ? 1 : -1)));
    expect(String(newest[0]?.Timestamp) > moment(3)).toBe(true);
  });
});

describe('types', () => {
  const TYPED =
    'print T=datetime(null), I=int(1), L=long(2), R=1.5, D=decimal(3), B=true, G=guid(null), S=1h, X=dynamic({}), Q="x", ReportId=long(4)';
  const SCHEMA = [
    ['T', 'DateTime'],
    ['I', 'Int32'],
    ['L', 'Int64'],
    ['R', 'Double'],
    ['D', 'SqlDecimal'],
    ['B', 'Boolean'],
    ['G', 'Guid'],
    ['S', 'TimeSpan'],
    ['X', 'Object'],
    ['Q', 'String'],
    ['ReportId', 'Int64'],
  ];

  test('as Graph writes them: schema, annotations, digits', async () => {
    const { text } = await startHuntLab().hunt(TYPED);
    const body = JSON.parse(text) as { schema: { name: string; type: string }[] };
    expect(body.schema.map(({ name, type }) => [name, type])).toEqual(SCHEMA);
    expect(text).toMatch(/"ReportId@odata\.type":"#Int64","ReportId":1\d{18}[,}]/);
    expect(text).toMatch(/"D":\d{11,}\.\d{12},/);
    expect(text).toMatch(/"T":("2026-11-\d\dT\d\d:\d\d:\d\d\.\d{7}Z"|null)/);
    expect(text.indexOf('"schema"')).toBeLessThan(text.indexOf('"results"'));
    expect(text).not.toContain('"T@odata.type"');
  });

  test('as the settings say', async () => {
    const lab = startHuntLab({
      huntAnnotations: 'all',
      huntBools: 'sbyte',
      huntDynamic: 'json',
      huntSchemaPlace: 'last',
      huntExtraColumn: true,
    });
    const query = 'DeviceEvents | project Timestamp, B=true, X=todynamic(AdditionalFields), Long=tolong(1)';
    const { text, rows } = await lab.hunt(query, 'P3D');
    expect(text.indexOf('"schema"')).toBeGreaterThan(text.lastIndexOf('"LabExtra"'));
    expect(rows.length).toBeGreaterThan(50);
    for (const row of rows) {
      expect(row['@odata.type']).toBe('#microsoft.graph.security.huntingRowResult');
      expect(row['Timestamp@odata.type']).toBe('#DateTimeOffset');
      expect([0, 1, null]).toContain(row.B);
      expect(typeof row.X).toBe('object');
      expect(row.LabExtra).toBe('not in the schema');
    }
    lab.defender.settings.huntAnnotations = 'none';
    lab.defender.settings.huntTimeDigits = 'trimmed';
    lab.defender.settings.huntTimeGridMs = 60_000;
    const bare = await lab.hunt(query, 'P3D');
    expect(bare.text).not.toMatch(/"\w+@odata\.type"/);
    expect(
      bare.rows.every(({ Timestamp }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/.test(String(Timestamp))),
    ).toBe(true);
  });

  test('as the Defender XDR API writes them: capitals, no annotations', async () => {
    const { text, rows, note } = await startHuntLab().post({ Query: 'DeviceEvents | take 4' }, XDR);
    const body = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(body)).toEqual(['Stats', 'Schema', 'Results']);
    expect((body.Schema as unknown[])[0]).toEqual({ Name: 'Timestamp', Type: 'DateTime' });
    expect(text).not.toContain('@odata');
    expect(rows).toHaveLength(4);
    expect(note).toMatch(/^hunt [0-9a-f]{16}, 4 rows$/);
  });

  test('a row has at least the bytes asked for, and other text than its neighbour', async () => {
    const { rows } = await startHuntLab({ huntRowBytes: 2_000 }).hunt(QUERY, 'P1D');
    const lengths = rows.map((row) => JSON.stringify(row).length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1_990);
    expect(Math.max(...lengths)).toBeLessThan(2_100);
    expect(new Set(rows.map(({ FileName }) => FileName)).size).toBeGreaterThan(20);
  });
});

test('30,000 rows of 15 MB come quickly', async () => {
  const lab = startHuntLab({ huntRowsPerHour: 42, huntRowBytes: 520 });
  await lab.hunt(`${QUERY} | take 1`);
  const cpu = process.cpuUsage();
  const { rows, text } = await lab.hunt(QUERY, 'P30D');
  const made = process.cpuUsage(cpu);
  expect(rows).toHaveLength(30_240);
  expect(text.length).toBeGreaterThan(15e6);
  expect(new Set(text.match(/"ReportId":\d+/g)).size).toBe(rows.length);
  expect((made.user + made.system) / 1e6).toBeLessThan(4);
});
