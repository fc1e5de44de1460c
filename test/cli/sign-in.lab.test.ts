import { once } from 'node:events';
import { chmod, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SignInLab, said, startSignInLab } from './sign-in-lab.ts';

let lab: SignInLab;
let operator: string;

beforeAll(async () => {
  lab = await startSignInLab();
  operator = lab.userName('operator');
});
afterAll(() => lab?.stop());
afterEach(() => rm(lab.folder, { recursive: true, force: true }));

const NO_BROWSER = { DISPLAY: '' };
/** Where it may take longer. */
const AT_LENGTH = process.env.CI !== undefined;

/** The browser shows its last page while the command ends. */
const SOON = { timeout: 10_000 };
const DEVICE = /Open (https:\S+) in any browser and enter the code (\S+)/;
const INCIDENTS = ['incidents', 'list', '--hours', '720', '--as', 'user', '--tenant'];
const HUNT = ['hunt', 'run', 'DeviceInfo | take 3'];

describe('signing in in the browser', () => {
  it('is believed by every command, until the person signs out', async () => {
    const { home, commandLine, tenants } = lab.cloud.world;
    const login = await lab.run(['login']);
    expect(login).toMatchObject({ code: 0, stdout: `Signed in as ${operator}, tenant ${home.id}.\n` });
    expect(login.stderr).toMatch(/kept in \S+\.json, which only you can read: the system's key store cannot/);
    await expect.poll(lab.lastPage, SOON).toBe('Signed in');
    expect(await readdir(lab.folder)).toEqual([`${commandLine.clientId}.json`]);
    const { mode } = await stat(join(lab.folder, `${commandLine.clientId}.json`));
    expect(mode & 0o777).toBe(0o600);

    const whoami = await lab.run(['whoami', '--json']);
    expect(JSON.parse(whoami.stdout)).toMatchObject({
      username: operator,
      tenantId: home.id,
      cloud: 'global',
      clientId: commandLine.clientId,
      scopes: ['access_as_user'],
      roles: expect.arrayContaining(['Incidents.Read', 'Hunts.Run']),
    });

    const raw = await lab.run(['token', 'show', '--resource', 'outrider', '--as', 'user', '--raw']);
    expect(raw).toMatchObject({ code: 0, stderr: '' });
    expect(raw.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(decodeJwt(raw.stdout.trim())).toMatchObject({ scp: 'access_as_user', tid: home.id });
    const words = await lab.run(['token', 'show', '--as', 'user']);
    expect(words.stdout).toMatch(/^For +Microsoft Graph \(.+\)$/m);
    expect(words.stdout).toMatch(/^Scopes +.*ThreatHunting\.Read\.All/m);
    expect(words.stdout).toMatch(/^Expires +\S+ \(in .+\)$/m);
    expect(words.stdout).toMatch(/^Proved by +pwd/m);
    expect(words.stdout).toMatch(/^Issued +\d{4}-/m);
    expect(words.stdout).toMatch(/^Allows +read incidents; .*run hunting queries/m);
    expect(words.stdout).toContain(operator);
    const own = await lab.run(['token', 'show', '--as', 'user', '--resource', 'outrider']);
    expect(own.stdout).toMatch(/^Checked +the Outrider API takes it$/m);
    expect(own.stdout).toMatch(/^Not +POST \/api\/tenants: Tenants\.Manage is missing$/m);

    // Where they are a guest, by either API.
    const [fabrikam, northwind] = tenants;
    const incidents = await lab.run([...INCIDENTS, 'Fabrikam', '--json']);
    expect(incidents).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(incidents.stdout)).toHaveLength(3);
    expect(JSON.parse(incidents.stdout)[0]).toMatchObject({ tenantId: fabrikam?.id });
    const byXdr = await lab.run([...INCIDENTS, northwind?.id ?? '', '--json']);
    expect(byXdr).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(byXdr.stdout)).toHaveLength(2);
    const checked = await lab.run([
      'tenants',
      'check',
      fabrikam?.id ?? '',
      '--as',
      'user',
      '--output',
      'json',
    ]);
    expect(checked).toMatchObject({ code: 1, stderr: expect.stringMatching(/missing in 1 tenant of 1/) });
    const [{ capabilities }] = JSON.parse(checked.stdout);
    expect(capabilities.map(({ state }: { state: string }) => state)).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'notConsented',
    ]);
    expect(capabilities[4].next).toMatchObject({
      link: expect.stringContaining(`/adminconsent?client_id=${commandLine.clientId}`),
      text: expect.stringMatching(/delegated permissions SecurityIdentitiesAccount\.Read\.All and /),
    });

    const out = await lab.run(['logout']);
    expect(out).toMatchObject({ code: 0, stdout: 'Signed out: nothing of you is kept here any more.\n' });
    expect(await readdir(lab.folder)).toEqual([]);
    const after = await lab.run(['whoami']);
    expect(after).toMatchObject({ code: 1, stdout: '' });
    expect(after.stderr).toBe('outrider: Nobody is signed in. Run: outrider login\n');
  });

  it('that the person cancels says so, and keeps nothing', async () => {
    const { code, stdout, stderr } = await lab.run(['login'], { LAB_VISITOR: 'cancel' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^outrider: Sign-in was declined in the browser\. To try again: outrider login( \(AADSTS\d+\))?$/m,
    );
    await expect.poll(lab.lastPage, SOON).toBe('Not signed in');
    await expect(readdir(lab.folder)).rejects.toThrow(/ENOENT/);
  });

  it('without a browser says what to do, and Ctrl-C ends it in order', async () => {
    const login = lab.start(['login'], NO_BROWSER);
    await said(login, /no browser was opened.*--device-code\n.*\nhttps:\/\/login\.microsoftonline\.com\//);
    login.child.kill('SIGINT');
    const { code, stderr } = await login.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/outrider: Sign-in was cancelled\. Nothing has changed\.\n$/);
  });

  it('names a port in use, and what to do', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    const { code, stderr } = await lab.run(['login', '--port', String(port)]);
    server.close();
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^outrider: Port ${port} is in use\\. .*--port.*--device-code\n$`));
  });
});

describe('signing in with a device code', () => {
  it('waits for the person, at a browser anywhere', async () => {
    const login = lab.start(['login', '--device-code', '--tenant', 'organizations'], NO_BROWSER);
    const [, address = '', code = ''] = await said(login, DEVICE);
    await lab.visit(lab.userName('reader'), address, code);
    const { home } = lab.cloud.world;
    expect(await login.ended).toMatchObject({
      code: 0,
      stdout: `Signed in as ${lab.userName('reader')}, tenant ${home.id}.\n`,
    });
    expect((await lab.run(['whoami'])).stdout).toMatch(/^Roles +Incidents\.Read, Hunts\.Read$/m);
  });

  it('behind a proxy that does not answer says how proxies are set', async () => {
    const { code, stderr } = await lab.run(['login', '--device-code'], { HTTPS_PROXY: 'http://127.0.0.1:9' });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^outrider: No connection to https:\/\/login\.microsoftonline\.com .*HTTPS_PROXY.*\n$/,
    );
  });

  it('ends at once with Ctrl-C, though it asks every five seconds only', async () => {
    const login = lab.start(['login', '--device-code'], NO_BROWSER);
    await said(login, DEVICE);
    const from = Date.now();
    login.child.kill('SIGINT');
    expect(await login.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('was cancelled') });
    expect(Date.now() - from).toBeLessThan(4_000);
  });
});

describe.runIf(AT_LENGTH)('at length', () => {
  it('a sign-in that others can read is refused, a broken one is nobody: one line each', async () => {
    await lab.run(['login']);
    const file = join(lab.folder, `${lab.cloud.world.commandLine.clientId}.json`);
    await chmod(file, 0o644);
    const open = await lab.run(['whoami']);
    expect(open).toMatchObject({ code: 1, stdout: '' });
    expect(open.stderr).toMatch(
      /^outrider: \S+ can be read by others, so it is not used\. .*outrider login\n$/,
    );
    await chmod(file, 0o600);
    await writeFile(file, '{"format":1,');
    const broken = await lab.run(['whoami']);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toMatch(
      /^What \S+ keeps cannot be read: .+\noutrider: Nobody is signed in\. .+\n$/,
    );
  });

  it('a person without rights: what is missing, and who can give it', async () => {
    await lab.run(['login'], { LAB_VISITOR: lab.userName('outsider') });
    const who = await lab.run(['whoami']);
    expect(who.stdout).toMatch(/^Roles +none at the Outrider API: ask its owner for an app role$/m);
    const elsewhere = await lab.run([...INCIDENTS, 'Fabrikam']);
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stderr).toMatch(/Fabrikam: Your account is not known in the tenant .*guest/);
  });

  it('a hunt in the name of a guest, by a service that must be asked in one call', async () => {
    await lab.run(['login']);
    const hunt = await lab.run([...HUNT, '--as', 'user', '--tenant', 'Fabrikam', '--output', 'json']);
    expect(hunt.stderr).toMatch(/^Fabrikam: succeeded, \d+ rows?$/m);
    expect(hunt.code).toBe(0);
    expect(JSON.parse(hunt.stdout).length).toBeGreaterThan(0);
  });

  it('the app of the settings has a token of the Outrider API, and a person is not taken for it', async () => {
    const { home, reader } = lab.cloud.world;
    const shown = ['token', 'show', '--resource', 'outrider', '--output', 'json'];
    const asApp = await lab.run(shown);
    expect(JSON.parse(asApp.stdout)).toMatchObject({
      claims: { kind: 'app', appId: reader.clientId, tenantId: home.id },
    });
    await lab.run(['login']);
    const stillApp = await lab.run(shown);
    expect(stillApp.stderr).toMatch(/^Works as the app of the settings; --as user/);
    expect(JSON.parse(stillApp.stdout).claims.kind).toBe('app');
    const asUser = await lab.run([...shown, '--as', 'user']);
    expect(JSON.parse(asUser.stdout).claims.kind).toBe('user');
  });

  it('a device code that was declined', async () => {
    const declined = lab.start(['login', '--device-code'], NO_BROWSER);
    const [, address = '', code = ''] = await said(declined, DEVICE);
    await lab.visit('cancel', address, code);
    expect(await declined.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/declined in the browser/),
    });
  });
});
