import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageApp } from '../../scripts/package.ts';
import { type OutriderApp, startOutrider } from '../http/outrider-app.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
/** What the package is made of besides folders. */
const FILES = ['host.json', 'LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json'];
const READ = { roles: ['Incidents.Read'] };
const MIB = 1024 * 1024;

let folder = '';
let bytes: Buffer;
let entries: Readonly<Record<string, Uint8Array>> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-zip-'));
  const { file } = await packageApp(join(folder, 'outrider.zip'), join(folder, 'build'));
  bytes = await readFile(file);
  entries = unzipSync(bytes);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const textOf = (name: string): string => Buffer.from(entries[name] ?? []).toString();

describe('the package', () => {
  test('holds what Azure needs, and nothing else', () => {
    expect(
      Object.keys(entries)
        .filter((name) => !name.startsWith('queries/'))
        .sort(),
    ).toEqual([
      'LICENSE',
      'THIRD-PARTY-LICENSES.txt',
      'app.js',
      'functions.js',
      'host.json',
      'hunting.js',
      'kql-worker.js',
      'package.json',
      'pkcs12.js',
      'sbom.cdx.json',
    ]);
  });

  test('has the host.json and the licence of the repository', async () => {
    for (const name of ['host.json', 'LICENSE']) {
      expect(textOf(name)).toBe(await readFile(join(ROOT, name), 'utf8'));
    }
  });

  test('has the hunting queries of the repository, unchanged', async () => {
    const names = (await readdir(join(ROOT, 'queries'))).map((name) => `queries/${name}`).sort();
    expect(names.length).toBeGreaterThanOrEqual(20);
    expect(
      Object.keys(entries)
        .filter((name) => name.startsWith('queries/'))
        .sort(),
    ).toEqual(names);
    for (const name of names) expect(textOf(name)).toBe(await readFile(join(ROOT, name), 'utf8'));
  });

  test('names its entry, its version and nothing to install', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(JSON.parse(textOf('package.json'))).toEqual({
      name: 'outrider',
      version,
      license: 'MIT',
      private: true,
      type: 'commonjs',
      main: 'functions.js',
      engines: { node: '>=24' },
    });
  });

  test('is small', () => {
    expect(bytes.byteLength).toBeLessThan(5 * MIB);
    const unpacked = Object.values(entries).reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(unpacked).toBeLessThan(10 * MIB);
  });

  test('is the same, byte for byte, from another folder, day, time zone, language and umask', async () => {
    const elsewhere = join(folder, 'ein anderer Ort', 'main');
    for (const name of ['functions', 'shared', 'queries', 'scripts', ...FILES])
      await cp(join(ROOT, name), join(elsewhere, name), { recursive: true });
    const old = new Date('1999-12-31T12:00:00Z');
    for (const name of FILES) await utimes(join(elsewhere, name), old, old);
    await symlink(join(ROOT, 'node_modules'), join(elsewhere, 'node_modules'));
    await run('sh', ['-c', `umask 077; exec "${process.execPath}" scripts/package.ts`], {
      cwd: elsewhere,
      env: { ...process.env, TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' },
    });
    const again = await readFile(join(elsewhere, 'dist/outrider.zip'));
    expect(again.byteLength).toBe(bytes.byteLength);
    expect(bytes.equals(again)).toBe(true);
  });
});

describe('unzipped elsewhere, without node_modules', () => {
  let app: OutriderApp;
  beforeAll(async () => {
    const directory = join(folder, 'wwwroot');
    for (const [name, content] of Object.entries(entries)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    }
    app = await startOutrider({ directory });
  });
  afterAll(() => app?.stop());

  test('syncs a tenant from end to end, by either API', async () => {
    for (const { id: tenant, api } of app.cloud.world.tenants) {
      const alerts = [{ title: 'First' }, { title: 'Second' }];
      const made = app.cloud.defender.tenant(tenant).createIncident({ displayName: `By ${api}`, alerts });
      await app.sync(tenant);
      const address = `/api/tenants/${tenant}/incidents/${made.id}`;
      const found = (await app.call(address, READ)).json<{ alerts: object[] }>();
      expect(found).toMatchObject({
        id: made.id,
        tenantId: tenant,
        displayName: `By ${api}`,
        lastUpdateDateTime: made.lastUpdateDateTime,
        _outrider: { family: api, alertsMissing: false },
      });
      expect(found.alerts).toHaveLength(2);
    }
    expect(app.cloud.refused()).toEqual([]);
  });

  test('is well, and says which version it is', async () => {
    const { version } = JSON.parse(textOf('package.json')) as { version: string };
    expect((await app.call('/api/health', READ)).json()).toMatchObject({ status: 'ok', version, faults: [] });
  });
});
