import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callLab } from '../../lab/control/running-lab.ts';
import { type CommandLine, createCommandLine, type Ended, type Row } from './lab-command.ts';
import { graphIncident, writeIncidents } from './lab-incidents.ts';

interface Result {
  readonly ok: boolean;
  readonly api: string;
  readonly tenants: readonly Row[];
  readonly tookMs: number;
}

let line: CommandLine;

beforeEach(async () => {
  line = await createCommandLine();
});

afterEach(() => line.dispose());

/** The last line on stdout. */
const resultOf = ({ stdout }: Ended): Result =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Result;

const stateFile = (): string => join(line.runtime, 'outrider-lab', 'lab.json');

const ONCE = ['lab', '--once', '--no-hunts', '--json', '--port', '0'];

describe('outrider lab --once', () => {
  it('loads generated incidents of every tenant and tells the true figures last', async () => {
    const ended = await line.run(['lab', '--once', '--json', '--tenants', '2', '--seed', '5', '--port', '0']);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
    const { ok, api, tenants, tookMs } = resultOf(ended);
    expect(ok).toBe(true);
    expect(api).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(tookMs).toBeGreaterThan(500);
    expect(tenants).toEqual([
      expect.objectContaining({ name: 'Fabrikam', incidents: 300, versions: 300 }),
      expect.objectContaining({ name: 'Northwind Traders', incidents: 120, versions: 120 }),
    ]);
    for (const { hunts, newFindings, seenAgain } of tenants) {
      expect(hunts).toBeGreaterThanOrEqual(2);
      expect(newFindings).toBeGreaterThan(0);
      expect(seenAgain).toBeGreaterThan(0);
    }
    // Graph gives 50 a page, the XDR API 100: fewer calls cannot have read them, nor written them.
    const [graph, xdr] = tenants;
    expect(graph?.apiCalls).toBeGreaterThanOrEqual(6);
    expect(xdr?.apiCalls).toBeGreaterThanOrEqual(2);
    expect(graph?.storageOps).toBeGreaterThan(10);
    for (const step of [
      'signed in by federated',
      'signed in by the secret',
      'Fabrikam: loaded, 300 incidents',
      'Fabrikam: hunt device-encoded-powershell: ',
      ' new findings\n',
      ' seen again\n',
    ]) {
      expect(ended.stderr).toContain(step);
    }
    expect(await line.left()).toEqual([]);
  });

  it('serves files of both shapes, names the one that is bad, and keeps the storage for the next start', async () => {
    const broken = await writeIncidents(line.folder);
    const keep = join(line.folder, 'kept');
    const first = await line.run([...ONCE, '--keep', keep, '--incidents', line.folder]);
    expect(first).toMatchObject({ code: 0 });
    expect(resultOf(first).tenants.map(({ incidents }) => incidents)).toEqual([2, 2]);
    expect(first.stderr).toMatch(new RegExp(`^outrider: ${broken}: not JSON: .+$`, 'm'));
    expect(first.stderr).toContain(`the storage is kept in ${keep}`);
    expect(await readdir(keep)).not.toEqual([]);
    const one = join(line.folder, 'one.json');
    await writeFile(one, JSON.stringify(graphIncident('11')));
    const second = await line.run([...ONCE, '--keep', keep, '--incidents', one]);
    expect(second).toMatchObject({ code: 0 });
    expect(resultOf(second).tenants[0]).toMatchObject({ incidents: 2, versions: 2 });
  });

  it('says no, and why, when a tenant cannot be loaded', async () => {
    await writeIncidents(line.folder);
    const { ended } = line.start([...ONCE, '--incidents', line.folder]);
    await untilControlled();
    await callLab('POST', '/faults', { service: 'graph', status: 403 }, stateFile());
    const { code, stderr, stdout } = await ended;
    expect(code).toBe(1);
    expect(resultOf({ code, stderr, stdout })).toMatchObject({ ok: false });
    expect(stderr).toMatch(/^outrider: Fabrikam was not loaded: .+$/m);
    expect(stderr).not.toMatch(/^outrider: .*Northwind/m);
    expect(await line.left()).toEqual([]);
  });

  it('ends with 1 and leaves nothing when it is interrupted', async () => {
    const { child, ended } = line.start(ONCE);
    await untilControlled();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 1, stdout: '' });
    expect(await line.left()).toEqual([]);
  });
});

/** The lab can be told of faults before its app is there. */
async function untilControlled(): Promise<void> {
  for (;;) {
    const answer = await callLab('GET', '/ping', undefined, stateFile()).catch(() => undefined);
    if (answer !== undefined) return;
    await sleep(20);
  }
}

describe('wrong use of outrider lab', () => {
  it.each([
    [['lab', '--once', '--cloud-only'], /--once needs the app/],
    [['lab', '--json'], /--json goes with --once/],
    [['lab', '--tenants', '0'], /whole number from 1 to/],
    [['lab', '--tenants', '2x'], /whole number from 1 to/],
    [['lab', '--bogus'], /unknown option '--bogus'/],
    [['lab', 'bogus'], /bogus/],
    [['lab', 'token'], /--roles/],
    [['lab', 'token', '--roles', ' , '], /--roles names no role/],
    [['bogus'], /unknown command 'bogus'/],
  ])('%j is one line on stderr and exit code 2', async (args, text) => {
    const { code, stdout, stderr } = await line.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(text);
    expect(stderr).toMatch(/^outrider: [^\n]+\n$/);
  });

  it('a port in use is named before anything is started', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { code, stderr, stdout } = await line.run(['lab', '--port', String(port)]);
    server.close();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^outrider: Port ${port} is in use[^\n]+--port[^\n]+\n$`));
    expect(await line.left()).toEqual([]);
  });

  it('nothing to load is wrong use', async () => {
    await mkdir(join(line.folder, 'empty'));
    await writeFile(join(line.folder, 'alert.json'), '{"alertId": "da1_1"}');
    const paths = ['empty', 'alert.json', 'missing.json'].flatMap((name) => ['--incidents', name]);
    const { code, stderr } = await line.run([...ONCE, ...paths]);
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/empty: no \.json file/),
      expect.stringMatching(/alert\.json: an alert, not an incident/),
      expect.stringMatching(/missing\.json: ENOENT/),
      expect.stringMatching(/no incident could be loaded from empty, alert\.json, missing\.json/),
    ]);
  });

  it('no rows of hunts to load is wrong use', async () => {
    await writeFile(join(line.folder, 'rows.json'), '[{"N": 1}]');
    const { code, stderr } = await line.run([...ONCE, '--hunt-results', 'rows.json']);
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/rows\.json: nothing says which query it is of: put the query into rows\.kql/),
      expect.stringMatching(/no rows of a hunt could be loaded from rows\.json/),
    ]);
  });

  it('incidents of a shape that no tenant has are named', async () => {
    await writeIncidents(line.folder);
    const args = [...ONCE, '--tenants', '1', '--incidents', join(line.folder, 'xdr.json')];
    const { code, stderr } = await line.run(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/xdr\.json: incident 21: no tenant of this lab is read by the Defender XDR API/);
  });

  it.each(['status', 'env', 'stop', 'behaviour'])(
    'lab %s without a lab is one line and exit code 1',
    async (name) => {
      const { code, stdout, stderr } = await line.run(['lab', name]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^outrider: No lab is running[^\n]+\n$/);
    },
  );
});
