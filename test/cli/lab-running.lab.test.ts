import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callLab } from '../../lab/control/running-lab.ts';
import { personOf } from '../../lab/people.ts';
import { createWorld } from '../../lab/world.ts';
import { createVisitor } from '../lab/entra/visitor.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { type CommandLine, createCommandLine, type LabStatus, type Running } from './lab-command.ts';
import { graphIncident, writeIncidents } from './lab-incidents.ts';

let line: CommandLine;
let lab: Running;
let status: LabStatus;
let children: readonly number[];

beforeAll(async () => {
  line = await createCommandLine();
  await writeIncidents(line.folder);
  lab = line.start(['lab', '--no-hunts', '--port', '0', '--incidents', line.folder]);
  status = await line.ready(lab);
  children = await childrenOf(lab.child.pid);
});

afterAll(() => line.dispose());

const api = (path: string, init?: RequestInit): Promise<Response> => fetch(`${status.api}/api/${path}`, init);

async function authorization(...roles: readonly string[]): Promise<{ readonly authorization: string }> {
  const { stdout } = await line.run(['lab', 'token', '--roles', roles.join(',')]);
  return { authorization: `Bearer ${stdout.trim()}` };
}

const stateFile = (): string => join(line.runtime, 'outrider-lab', 'lab.json');
const firstTenant = (): string => status.tenants[0]?.id ?? '';

async function json(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await line.run(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('a running lab', () => {
  it('tells its API and the rows of its tenants', async () => {
    expect(status).toMatchObject({
      ready: true,
      tenants: [
        { name: 'Fabrikam', incidents: 2, versions: 2 },
        { name: 'Northwind Traders', incidents: 2, versions: 2 },
      ],
    });
    expect((await api('health')).status).toBe(200);
    const { code, stdout } = await line.run(['lab', 'status']);
    expect(code).toBe(0);
    expect(stdout).toContain(status.api);
    expect(stdout).toMatch(/^Northwind Traders\s+\S{36}\s+2\s+2\s+\d+\s+\d+$/m);
  });

  it('gives tokens with the roles that were asked for', async () => {
    const path = `tenants/${firstTenant()}/incidents/11?as=source`;
    const read = await api(path, { headers: await authorization('Incidents.Read') });
    expect(await read.json()).toEqual(graphIncident('11'));
    const sync = await api(path, { headers: await authorization('Incidents.Sync') });
    expect(sync.status).toBe(403);
  });

  it('gives a person’s token, with the app roles that the person has, of any of its tenants', async () => {
    const tenant = firstTenant();
    const reader = await json(['lab', 'token', '--as', 'reader', '--tenant', tenant, '--json']);
    const { token } = reader as { readonly token: string };
    expect(decodeJwt(token)).toMatchObject({
      tid: tenant,
      scp: 'access_as_user',
      roles: ['Incidents.Read', 'Hunts.Read'],
    });
    const { code, stderr } = await line.run(['lab', 'token']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'outrider: lab token: say --roles, or --as for a person.\n',
    });
  });

  it('shows its sign-in pages to a browser outside', async () => {
    const { stdout } = await line.run(['lab', 'open', 'https://microsoft.com/devicelogin']);
    const page = await fetch(stdout.trim());
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<h1>Enter code</h1>');
    const { code, stderr } = await line.run(['lab', 'open', 'https://example.com/']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("none of the lab's sign-in service"),
    });
  });

  it('shows a partner’s work: one more tenant is invited, its admin’s browser stays in the lab, and it syncs', async () => {
    const world = createWorld();
    const { prospect, reader } = world;
    const outrider = async (...args: readonly string[]): Promise<string> => {
      // Nobody who is signed in on this machine has to do with it.
      const nobody = { XDG_STATE_HOME: line.folder };
      const { code, stdout, stderr } = await line.run(['lab', 'exec', '--', 'outrider', ...args], nobody);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    const invitation = ['invite', prospect.id, '--client-id', reader.clientId, '--name', prospect.name];
    const link = /^http:.*$/m.exec(await outrider('tenants', ...invitation))?.[0] ?? '';
    expect(new URL(link).origin).toBe(status.api);

    const welcome = await fetch(link, { redirect: 'error' });
    const cookie = welcome.headers.getSetCookie().map((each) => each.split(';', 1)[0] ?? '');
    const [, href = ''] = /<a class="go"[^>]* href="([^"]*)">/.exec(await welcome.text()) ?? [];
    const { hostname, pathname } = new URL(href);
    expect([hostname, pathname]).toEqual([
      '127.0.0.1',
      `/login.microsoftonline.com/${prospect.id}/adminconsent`,
    ]);
    const admin = personOf(world, prospect.id, 'admin').userPrincipalName;
    const { location } = await createVisitor().signIn(href.replaceAll('&amp;', '&'), admin);
    expect(location?.origin).toBe(status.api);
    const connected = await fetch(location ?? '', { redirect: 'error', headers: { cookie: cookie.join() } });
    expect(await connected.text()).toContain('<h1>Your organization is connected</h1>');

    let now: LabStatus | undefined;
    await waitFor(
      async () => {
        now = (await callLab('GET', '/status', undefined, stateFile())) as LabStatus;
        return (now.ready && now.tenants.length === 3) || undefined;
      },
      () => JSON.stringify(now),
    );
    const row = now?.tenants[2];
    expect(row).toMatchObject({ id: prospect.id, name: 'Adventure Works' });
    expect(row?.incidents).toBeGreaterThan(0);
    expect(await outrider('tenants', 'list')).toMatch(/^Adventure Works +\S{36} +active .* registry$/m);

    await outrider('tenants', 'suspend', prospect.name);
    const list = ['incidents', 'list', '--tenant', prospect.name];
    expect(await line.run(['lab', 'exec', '--', 'outrider', ...list])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The tenant Adventure Works is not in service'),
    });
  });

  it('prints its settings for shells, for func and for programs, all the same', async () => {
    const settings = (await json(['lab', 'env', '--json'])) as Record<string, string>;
    expect(JSON.parse(settings.OUTRIDER_TENANTS ?? '')).toHaveLength(2);
    expect(settings.OUTRIDER_API_URL).toBe(status.api);
    expect(await json(['lab', 'env', '--settings'])).toEqual({ IsEncrypted: false, Values: settings });
    const misled = {
      ALL_PROXY: 'http://elsewhere.example:8080',
      OUTRIDER_TENANT_ID: 'of another deployment',
    };
    const { stdout: exports } = await line.run(['lab', 'env'], misled);
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', `${exports}\nexec "$0" -e 'console.log(JSON.stringify(process.env))'`, process.execPath],
      { env: { ...process.env, ...misled } },
    );
    const seen = JSON.parse(stdout) as Record<string, string>;
    expect(seen).toMatchObject(settings);
    expect(Object.keys(seen)).not.toContain('ALL_PROXY');
    expect(Object.keys(seen)).not.toContain('OUTRIDER_TENANT_ID');
  });

  it('quotes its settings so that a shell takes nothing in them for a command', async () => {
    const { stdout } = await line.run(['lab', 'env']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .every((text) => /^(unset \w+|export \w+='([^']|'\\'')*')$/.test(text)),
    ).toBe(true);
  });

  it('runs commands with its settings and passes their exit code on', async () => {
    const ask = ['sh', '-c', 'echo "$OUTRIDER_API_TENANT_ID:$ALL_PROXY"; exit 7'];
    const { code, stdout } = await line.run(['lab', 'exec', '--', ...ask], {
      ALL_PROXY: 'http://elsewhere.example',
    });
    expect(code).toBe(7);
    expect(stdout).toMatch(/^[0-9a-f-]{36}:\n$/);
  });

  it('runs this command line itself, options included', async () => {
    const args = ['lab', 'exec', '--', 'outrider', 'lab', 'status', '--json'];
    expect(await json(args)).toMatchObject({ ready: true, api: status.api });
  });

  it('opens sign-in pages at its door for a command, in a browser outside, and other pages as they are', async () => {
    const folder = join(line.folder, 'programs');
    await mkdir(folder);
    await writeFile(join(folder, 'xdg-open'), '#!/bin/sh\necho "$HTTPS_PROXY$*"; exit 3\n', { mode: 0o755 });
    const [page, other] = ['https://microsoft.com/devicelogin', 'https://example.com/?a=1&b=2'];
    const { code, stdout, stderr } = await line.run(['lab', 'exec', '--', 'xdg-open', page, other], {
      PATH: `${folder}${delimiter}${process.env.PATH}`,
    });
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    const [opened = '', untouched] = stdout.trimEnd().split(' ');
    expect(untouched).toBe(other);
    expect(opened).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/microsoft\.com\/devicelogin$/);
  });

  it('says when a command cannot be run', async () => {
    const { code, stderr } = await line.run(['lab', 'exec', '--', 'no-such-command']);
    expect(code).toBe(2);
    expect(stderr).toBe('outrider: lab exec: cannot run no-such-command: there is no such command.\n');
  });

  it('takes, lists and drops faults', async () => {
    const rule = [
      '--service',
      'entra',
      '--tenant',
      'northwind traders',
      '--status',
      '503',
      '--retry-after',
      '7',
    ];
    const more = ['--delay', '5', '--times', '3', '--probability', '0.5', '--after', '1', '--path', '/never'];
    const added = await json(['lab', 'fault', 'add', ...rule, ...more, '--json']);
    const listed = await json(['lab', 'fault', 'list', '--json']);
    expect(listed).toEqual([added]);
    expect(added).toEqual({
      id: expect.any(String),
      service: 'entra',
      tenant: status.tenants[1]?.id,
      status: 503,
      retryAfter: 7,
      delayMs: 5,
      times: 3,
      probability: 0.5,
      after: 1,
      path: '/never',
      matched: 0,
      struck: 0,
    });
    const { stdout } = await line.run(['lab', 'fault', 'list']);
    expect(stdout).toMatch(/to entra for \S{36} \/never\s+wait 5 ms, status 503, Retry-After 7, .*0 of 3$/m);
    expect(await line.run(['lab', 'fault', 'clear', '99'])).toMatchObject({ code: 1 });
    expect(await line.run(['lab', 'fault', 'clear', (added as { id: string }).id])).toMatchObject({
      code: 0,
    });
    expect(await json(['lab', 'fault', 'list', '--json'])).toEqual([]);
  });

  it('counts no incidents where none could be read', async () => {
    await line.run(['lab', 'fault', 'add', '--service', 'entra', '--status', '400']);
    const list = ['incidents', 'list', '--hours', '1', '--as', 'app'];
    const { code, stdout } = await line.run(['lab', 'exec', '--', 'outrider', ...list]);
    await line.run(['lab', 'fault', 'clear']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('names what is wrong with a fault', async () => {
    const wrong = await line.run(['lab', 'fault', 'add', '--service', 'grpah', '--status', '500']);
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^outrider: .*no service grpah.*graph/),
    });
    const unknown = await line.run(['lab', 'fault', 'add', '--tenant', 'Contoso', '--status', '500']);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/no tenant Contoso.*Fabrikam/) });
  });

  it('shows and changes how Defender behaves', async () => {
    const change = ['pageShift=arrive', 'expandAlertLimit=5', 'shuffleArrays=true', 'expandByteLimit=null'];
    const changed = await json(['lab', 'behaviour', '--json', ...change]);
    const wanted = { pageShift: 'arrive', expandAlertLimit: 5, shuffleArrays: true, expandByteLimit: null };
    expect(changed).toMatchObject(wanted);
    expect(await json(['lab', 'behaviour', '--json'])).toEqual(changed);
    await line.run(['lab', 'behaviour', 'pageShift=none', 'shuffleArrays=false', 'expandAlertLimit=100']);
    expect(await line.run(['lab', 'behaviour', 'nonsense'])).toMatchObject({ code: 2 });
    expect(await line.run(['lab', 'behaviour', 'bogus=1'])).toMatchObject({ code: 1 });
  });

  it('is the only one', async () => {
    const { code, stdout, stderr } = await line.run(['lab', '--port', '0']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^outrider: A lab is already running [^\n]*outrider lab stop[^\n]*\n$/);
  });

  it('stops when told to, and nothing of it is left', async () => {
    expect(children.length).toBeGreaterThanOrEqual(2); // the app and the storage
    expect(await line.run(['lab', 'stop'])).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await lab.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('npx outrider lab token');
    expect(stdout).toMatch(
      /npx outrider lab exec -- outrider tenants invite \S{36} \\\n +--client-id \S{36} --name/,
    );
    expect(stdout).toMatch(/Adventure Works: connected by invitation\n(.*\n)*.*Adventure Works: loaded, /);
    expect(stdout).toContain(`${status.api}/api/tenants/${firstTenant()}`);
    expect(stdout).toContain(`${status.api}/api/findings?tenant=${firstTenant()}`);
    expect(await line.left()).toEqual([]);
    expect(children.filter(isAlive)).toEqual([]);
    expect(await accepts(Number(new URL(status.api).port))).toBe(false);
  });
});

describe('Ctrl-C', () => {
  it('ends a lab in order', async () => {
    await writeFile(join(line.folder, 'page.json'), JSON.stringify([graphIncident('11')]));
    const running = line.start([
      'lab',
      '--no-hunts',
      '--port',
      '0',
      '--incidents',
      join(line.folder, 'page.json'),
    ]);
    const { api: address } = await line.ready(running);
    const started = await childrenOf(running.child.pid);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Ended; nothing is left behind\n$/);
    expect(started.length).toBeGreaterThanOrEqual(2);
    expect(started.filter(isAlive)).toEqual([]);
    expect(await line.left()).toEqual([]);
    expect(await accepts(Number(new URL(address).port))).toBe(false);
  });

  it('is not needed when whoever reads the lines goes away', async () => {
    const running = line.start(['lab', '--cloud-only', '--tenants', '1']);
    const { stdout } = running.child;
    stdout?.once('data', () => stdout.destroy());
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await line.left()).toEqual([]);
  });

  it('ends a cloud without the app, too', async () => {
    const running = line.start(['lab', '--cloud-only']);
    const { api: address } = await line.ready(running);
    expect(address).toBeNull();
    expect(await callLab('GET', '/env', undefined, stateFile())).not.toHaveProperty('OUTRIDER_API_URL');
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await line.left()).toEqual([]);
  });
});

/** The lab's processes, by the system's own list. */
async function childrenOf(pid: number | undefined): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout
    .trim()
    .split('\n')
    .map((text) => text.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
