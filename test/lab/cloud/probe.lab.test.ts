import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { networkEnvironment, processEnvironment } from '../../../lab/environment.ts';
import { PROBE_DOMAIN, probe } from '../../../lab/probe.ts';
import { type Frame, startFrame } from './harness.ts';

let frame: Frame;
let directory: string;
beforeAll(async () => {
  frame = await startFrame();
  directory = await mkdtemp(join(tmpdir(), 'outrider-probe-'));
});
afterAll(async () => {
  await frame.stop();
  await rm(directory, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  const lab = networkEnvironment({ proxyUrl: frame.proxy.url, authorityFile: frame.authorityFile });
  return processEnvironment(lab, process.env);
}

/** A program that says it is this version of Node. */
async function nodeThatSays(version: string): Promise<string> {
  const file = join(directory, `node-${version}`);
  await writeFile(file, `#!/bin/sh\necho ${version}\n`);
  await chmod(file, 0o755);
  return file;
}

test('passes when the request arrives at the proxy', async () => {
  await probe({ execPath: process.execPath, env: environment(), refused: frame.proxy.refused });
  expect(frame.proxy.refused().at(-1)?.target).toMatch(new RegExp(`\\.${PROBE_DOMAIN}:443$`));
});

test.each([
  ['the switch is missing', { NODE_USE_ENV_PROXY: '0' }],
  ['another proxy wins', { https_proxy: 'http://127.0.0.1:9' }],
  ['there is an exception for the name', { NO_PROXY: '*' }],
])('fails when traffic would leave the machine: %s', async (_title, override) => {
  const env = { ...environment(), ...override };
  await expect(
    probe({ execPath: process.execPath, env, refused: frame.proxy.refused }),
  ).rejects.toMatchObject({
    code: 'lab.traffic_escapes',
  });
});

test.skipIf(process.platform === 'win32').each(['v24.4.9', 'v22.99.0', 'v9.9.9', 'nonsense'])(
  'refuses a Node that says %s without running anything in it',
  async (version) => {
    const before = frame.proxy.refused().length;
    const execPath = await nodeThatSays(version);
    await expect(probe({ execPath, env: environment(), refused: frame.proxy.refused })).rejects.toThrow(
      `The lab needs Node 24.5 or newer, because older ones ignore the proxy settings and would send its traffic outside; ${execPath} is ${version}.`,
    );
    expect(frame.proxy.refused()).toHaveLength(before);
  },
);

test.skipIf(process.platform === 'win32').each(['v24.5.0', 'v25.0.0'])(
  'accepts the version %s, and still asks for the request',
  async (version) => {
    const execPath = await nodeThatSays(version);
    await expect(probe({ execPath, env: environment(), refused: frame.proxy.refused })).rejects.toMatchObject(
      {
        code: 'lab.traffic_escapes',
      },
    );
  },
);

test('an executable that is not there is named', async () => {
  await expect(
    probe({ execPath: '/nowhere/node', env: environment(), refused: frame.proxy.refused }),
  ).rejects.toThrow('/nowhere/node');
});
