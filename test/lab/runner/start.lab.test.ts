import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { listenForApp } from '../../../lab/runner/listen.ts';
import { packageApp } from './run-app.ts';

const RUN = join(import.meta.dirname, '../../../lab/runner/run.ts');
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'outrider-runner-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [RUN, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '' },
    timeout: 20_000,
  });
}

const HOST = '{"version": "2.0"}';

test.each([
  ['no host.json', { 'package.json': '{}' }, 'host.json cannot be read'],
  ['a host.json of version 1', { 'host.json': '{}' }, '"version" must be "2.0"'],
  ['no main', { 'host.json': HOST, 'package.json': '{}' }, 'has no "main"'],
  [
    'a main that matches nothing',
    { 'host.json': HOST, 'package.json': '{"main":"dist/*.js"}' },
    'matches no file',
  ],
  [
    'an app without functions',
    { 'host.json': HOST, 'package.json': '{"main":"a.js"}', 'a.js': '' },
    'registers no function',
  ],
  [
    'a file that throws at import',
    {
      'host.json': HOST,
      'package.json': '{"main":"{good,bad}.js"}',
      'good.js': '',
      'bad.js': 'throw new Error("needs a setting")',
    },
    'bad.js threw while it was loaded, which blocks every function: needs a setting',
  ],
])('%s ends the runner with code 1 and says why', async (_, files, reason) => {
  const result = run('--app', await folderWith(files), '--port', '0');
  expect(result.stderr).toContain(reason);
  expect(result.status).toBe(1);
  expect(result.stdout).toBe('');
});

test('a port that is taken is named', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const app = await packageApp({ fixture: 'sample-app.ts', host: { functions: ['literal'] } });
  const result = run('--app', app.directory, '--port', `${port}`);
  server.close();
  await app.remove();
  expect(result.stderr).toContain(`cannot listen on 127.0.0.1:${port}`);
  expect(result.status).toBe(1);
});

test('the app may be told its address before it is loaded, with any free port', async () => {
  const app = await folderWith({
    'host.json': HOST,
    'package.json': '{"main":"a.js"}',
    'a.js': "throw new Error('runs at ' + process.env.MY_ADDRESS)",
  });
  const { stderr } = run('--app', app, '--port', '0', '--address-setting', 'MY_ADDRESS');
  expect(stderr).toMatch(/runs at http:\/\/127\.0\.0\.1:[1-9]\d*\b/);
});

test('while it is loaded every request is answered 503, then by the app', async () => {
  const { server, url, serve } = await listenForApp(0);
  try {
    expect((await fetch(`${url}/api/x`)).status).toBe(503);
    serve((_request, response) => void response.writeHead(204).end());
    expect((await fetch(`${url}/api/x`)).status).toBe(204);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an error outside of every invocation ends the runner, as it ends the real worker', async () => {
  const app = await packageApp({ fixture: 'crashing-app.ts' });
  const result = run('--app', app.directory, '--port', '0');
  await app.remove();
  expect(result.stderr).toContain(
    'threw outside of every invocation, which ends the worker: nobody awaits this',
  );
  expect(result.status).toBe(1);
});

test('HTTP streams are refused in so many words', async () => {
  const app = await packageApp({ fixture: 'streaming-app.ts' });
  const result = run('--app', app.directory, '--port', '0');
  await app.remove();
  expect(result.stderr).toContain('enableHttpStream, which the local runner does not play');
  expect(result.status).toBe(1);
});

test('wrong use is code 2 with the usage', () => {
  expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('usage:') });
  expect(run('--nonsense')).toMatchObject({ status: 2, stderr: expect.stringContaining('usage:') });
  expect(run('--app', '.', '--port', 'x')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('usage:'),
  });
  expect(run('--help')).toMatchObject({ status: 0 });
});
