import { afterAll, beforeAll, expect, test } from 'vitest';
import { processEnvironment } from '../../lab/environment.ts';
import { type OutriderApp, startOutrider } from '../http/outrider-app.ts';
import { type CommandLine, createCommandLine, type Ended } from './lab-command.ts';

let app: OutriderApp;
let line: CommandLine;
let customer = { id: '', name: '', clientId: '', secretName: '' };
let env: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  const settings = ({ env: all }: { readonly env: Readonly<Record<string, string>> }) => ({
    OUTRIDER_API_URL: 'https://outrider.example',
    OUTRIDER_TENANTS: JSON.stringify(JSON.parse(all.OUTRIDER_TENANTS ?? '').slice(0, 1)),
    OUTRIDER_INTERVAL_MINUTES: '1440',
  });
  app = await startOutrider({ settings });
  line = await createCommandLine();
  const { world, directory } = app.cloud;
  // The app of the settings is at home where the API is; there it is given the roles of the API.
  const reader = directory.apps.find(({ appId }) => appId === world.reader.clientId);
  const grants = reader?.grants as Record<string, Record<string, string[]>>;
  grants[world.home.id] = { [world.api.clientId]: ['Tenants.Read', 'Tenants.Manage'] };
  const second = world.tenants[1];
  if (second?.credential.kind !== 'secret') throw new Error('the second tenant of the lab has a secret');
  customer = { id: second.id, name: second.name, ...second.credential };
  env = processEnvironment(
    { ...app.cloud.env, ...settings(app.cloud), OUTRIDER_API_URL: app.url },
    process.env,
  );
});
afterAll(async () => {
  await line?.dispose();
  await app?.stop();
});

const tenants = (...args: readonly string[]): Promise<Ended> => line.run(['tenants', ...args], env);

test('a tenant is added, listed, resumed and removed; what cannot be is said', async () => {
  const added = await tenants(
    'add',
    customer.id,
    ...['--name', customer.name, '--api', 'xdr', '--credential', 'secret', '--client-id', customer.clientId],
    ...['--credential-name', customer.secretName, '--group', 'emea', '--tag', 'sla=gold', '--suspended'],
  );
  expect([added.code, added.stderr]).toEqual([0, '']);
  expect(added.stdout).toMatch(/^State +suspended$/m);
  expect(added.stdout).toMatch(/^Tags +sla=gold$/m);

  const [listed, resumed, nobody] = await Promise.all([
    tenants('list'),
    tenants('resume', customer.name.toLowerCase()),
    tenants('show', 'Nobody'),
  ]);
  expect(listed.stdout).toMatch(/ settings\n.* emea +registry\n2 tenants\.\n$/);
  expect([resumed.stdout, resumed.code]).toEqual([`${customer.name} is active.\n`, 0]);
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringMatching(/There is no tenant Nobody/)]);

  const [removed, asked] = await Promise.all([
    tenants('remove', customer.id, '--yes'),
    tenants('remove', customer.id),
  ]);
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringMatching(/Say --yes/)]);
  expect(removed.stdout).toMatch(/is offboarded\. Removal: under way, .*; done after 2/);
  expect(removed.code).toBe(0);
}, 120_000);

test('a link is made, shown once, listed without it, and taken back', async () => {
  const made = await tenants(
    'invite',
    ...['--client-id', app.cloud.world.reader.clientId, '--name', 'Tailspin', '--days', '2'],
    ...['--output', 'json'],
  );
  expect([made.code, made.stderr]).toEqual([0, '']);
  const { invitationId, link } = JSON.parse(made.stdout) as { invitationId: string; link: string };
  expect(link).toMatch(
    /^https:\/\/outrider\.example\/api\/onboarding\/callback\?invitation=[\w-]{36}\.[\w-]{43}$/,
  );
  const withdrawn = await tenants('withdraw', invitationId);
  expect([withdrawn.stdout, withdrawn.code]).toEqual([`The invitation ${invitationId} is withdrawn.\n`, 0]);
  const [listed, again] = await Promise.all([tenants('invitations'), tenants('withdraw', 'x')]);
  expect(listed.stdout).toMatch(
    new RegExp(`^${invitationId} +Tailspin +any that is new +withdrawn .* withdrawn$`, 'm'),
  );
  expect(listed.stdout).not.toContain(link.slice(-43));
  expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/no id of an invitation/)]);
}, 120_000);
