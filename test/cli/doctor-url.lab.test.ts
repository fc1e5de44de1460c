import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOutriderApi, type OutriderApi } from '../../cli/api/outrider-api.ts';
import { insideFindings } from '../../cli/commands/doctor/inside.ts';
import { processEnvironment } from '../../lab/environment.ts';
import { type OutriderApp, startOutrider } from '../http/outrider-app.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { type CommandLine, createCommandLine, type Ended } from './lab-command.ts';

const ROLES = ['Tenants.Read', 'Incidents.Read'];

let app: OutriderApp;
let line: CommandLine;
let env: Readonly<Record<string, string>> = {};
let api: OutriderApi;

beforeAll(async () => {
  const settings = ({ env: all }: { readonly env: Readonly<Record<string, string>> }) => ({
    OUTRIDER_TENANTS: JSON.stringify(JSON.parse(all.OUTRIDER_TENANTS ?? '').slice(0, 1)),
  });
  app = await startOutrider({ settings });
  line = await createCommandLine();
  const { world } = app.cloud;
  const grants = reader().grants as Record<string, Record<string, string[]>>;
  grants[world.home.id] = { [world.api.clientId]: ROLES };
  env = processEnvironment({ ...app.cloud.env, ...settings(app.cloud) }, process.env);
  api = createOutriderApi({ url: app.url, getToken: () => app.cloud.token(ROLES) });
});
afterAll(async () => {
  await line?.dispose();
  await app?.stop();
});

function reader() {
  const { directory, world } = app.cloud;
  const found = directory.apps.find(({ appId }) => appId === world.reader.clientId);
  if (!found) throw new Error('the lab has an app that reads');
  return found;
}

const doctor = (...args: readonly string[]): Promise<Ended> =>
  line.run(['doctor', '--url', app.url, ...args], env);

test('a deployment that is well, from outside and inside; the same for programs', async () => {
  // The timer is not waited for: it ticks now, and has long noted that when the sync is done.
  await app.call('/admin/functions/enqueue-due-tenants', { method: 'POST', body: {} });
  await app.logged('sync.enqueued');
  await app.sync(app.cloud.world.tenants[0]?.id ?? '');
  const [text, json] = await Promise.all([doctor(), doctor('--as', 'app', '--output', 'json')]);
  expect([text.code, json.code], text.stdout).toEqual([0, 0]);
  expect(text.stdout).toMatch(/^ok .*fence, with no token: 401 by Outrider itself$/m);
  expect(text.stdout).toMatch(/^ok .*timer: alive at 2/m);
  expect(text.stdout).toMatch(/^ok .*calls in .*: incidents ok, alerts ok, hunting ok$/m);
  expect(text.stdout).toMatch(/^All is well\.\n$/m);
  const { ok, findings } = JSON.parse(json.stdout) as {
    ok: boolean;
    findings: { what: string; ok: boolean }[];
  };
  expect(ok).toBe(true);
  const looked = findings.map(({ what }) => what.replace(/^(calls in|sync of) .*/, '$1'));
  expect(looked).toEqual([
    'address',
    'health',
    'fence, with no token',
    'fence, with a forged token',
    'version',
    'settings',
    'storage',
    'tenants',
    'vault',
    'signIn',
    'timer',
    'calls in',
    'sync of',
  ]);
});

test('without a token the outside is told, and that the inside is not', async () => {
  const { OUTRIDER_TENANTS: _, ...nobody } = env;
  const bare = Object.fromEntries(
    Object.entries(nobody).filter(([name]) => !/^(OUTRIDER|AzureWebJobs)/.test(name)),
  );
  const ended = await line.run(['doctor', '--url', app.url], bare);
  expect(ended.code, ended.stdout).toBe(0);
  expect(ended.stdout).toMatch(/^- .*inside: not looked at: nobody is signed in here\. .*outrider login/m);
  expect(ended.stdout).toMatch(/All that was looked at is well\.\n$/);
  const asked = await line.run(['doctor', '--url', app.url, '--as', 'user'], bare);
  expect([asked.code, asked.stdout]).toEqual([1, expect.stringMatching(/^WRONG .*token: /m)]);
});

test.each([
  ['subject', '99999999-0000-4000-8000-000000000000', 'AADSTS700213'],
  ['issuer', 'https://login.microsoftonline.com/99999999-0000-4000-8000-000000000000/v2.0', 'AADSTS700211'],
] as const)(
  'a federated credential with another %s, which Entra ID took without a word, is found by a token',
  async (part, other, code) => {
    const [credential] = reader().federated;
    if (!credential) throw new Error('the lab has a federated credential');
    const { [part]: right } = credential;
    Object.assign(credential, { [part]: other });
    try {
      // A tenant is looked at once in ten seconds: until then it is as the last test left it.
      const found = await waitFor(
        async () => (await insideFindings(api, Date.now())).find(({ text }) => text.includes(code)),
        () => 'still as before',
      );
      expect(found).toMatchObject({ ok: false, what: expect.stringMatching(/^calls in/) });
      expect(found.text).toMatch(/credential wrong/i);
    } finally {
      Object.assign(credential, { [part]: right });
    }
  },
);

test('a timer that has fallen silent is found by the age of its last tick', async () => {
  const inAnHour = Date.now() + 3_600_000;
  const timer = (await insideFindings(api, inAnHour)).find(({ what }) => what === 'timer');
  expect(timer).toMatchObject({
    ok: false,
    text: expect.stringMatching(/^last alive at 2.*no tenant is synced/),
  });
});

test('a caller without the roles is told which; a name that is nobody’s, where the address is wrong', async () => {
  const reads = createOutriderApi({ url: app.url, getToken: () => app.cloud.token(['Incidents.Read']) });
  const tenants = (await insideFindings(reads, Date.now())).find(({ what }) => what === 'tenants');
  expect(tenants).toMatchObject({ ok: true });
  const all = (await insideFindings(reads, Date.now())).filter(({ what, ok }) => what === 'tenants' && !ok);
  expect(all).toEqual([expect.objectContaining({ text: expect.stringContaining('Tenants.Read') })]);
  const wrong = await Promise.all([
    line.run(['doctor', '--url', `http://127.0.0.1:${await portOfNobody()}`], env),
    line.run(['doctor', '--url', 'http://outrider.example'], env),
    line.run(['doctor', '--url', app.url, '--offline'], env),
  ]);
  expect(wrong.map(({ code }) => code)).toEqual([1, 2, 2]);
  expect(wrong[0]?.stdout).toMatch(/cannot be reached: .*ECONNREFUSED/);
});

async function portOfNobody(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
