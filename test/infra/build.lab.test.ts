import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildCommands, OPEN_PATHS, STAND_INS, validateCommands } from '../../scripts/infra-build.ts';
import { ROOT } from './project.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-build-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A program of that name which writes down what it is asked, and ends with 1 where a word of it is `refused`. */
async function standIn(name: 'az' | 'bicep', refused = ''): Promise<void> {
  const text = `#!/bin/sh
echo "${name} $*" >> "${join(folder, 'asked')}"
echo "\${OUTRIDER_API_CLIENT_ID:-none}" >> "${join(folder, 'given')}"
for word in "$@"; do
  if [ "$word" = "${refused}" ]; then echo "Error BCP018: Expected the \\";\\" character" >&2; exit 1; fi
done
`;
  await writeFile(join(folder, name), text, { mode: 0o755 });
}

function build(env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(ROOT, 'scripts/infra-build.ts')], {
    cwd: folder,
    // A bicep or az of this machine stays out.
    env: { PATH: folder, ...env },
    encoding: 'utf8',
  });
}

/** What the stand-ins were asked, without the folder that is another one each time. */
async function asked(): Promise<readonly string[]> {
  const lines = (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n');
  const out = /--outdir (\S+)/.exec(lines.join('\n'))?.[1] ?? '';
  expect(dirname(out)).toBe(tmpdir());
  return lines.map((line) => line.replaceAll(out, '/out'));
}

const lines = (commands: readonly (readonly string[])[]): readonly string[] =>
  commands.map((command) => command.join(' '));

it('bicep lints and compiles everything, with a value for each variable; Azure is not asked', async () => {
  await standIn('bicep');
  const { status, stdout } = build();
  expect({ status, last: stdout.trim().split('\n').at(-1) }).toEqual({
    status: 0,
    last: expect.stringContaining('Not validated by Azure'),
  });
  expect(await asked()).toEqual(lines(buildCommands('bicep', '/out')));
  expect(new Set((await readFile(join(folder, 'given'), 'utf8')).trim().split('\n'))).toEqual(
    new Set([STAND_INS.OUTRIDER_API_CLIENT_ID]),
  );
});

it('with az alone, az does it, and validates the environment that is named, in its size', async () => {
  await standIn('az');
  const { status } = build({
    AZURE_ENV_NAME: 'prod',
    AZURE_LOCATION: 'westeurope',
    OUTRIDER_SIZE: 'partner',
  });
  expect(status).toBe(0);
  expect(await asked()).toEqual([
    ...lines(buildCommands('az', '/out')),
    ...lines(validateCommands({ location: 'westeurope', size: 'partner' })),
  ]);
});

it.each([
  ['bicep', 'lint'],
  ['bicep', 'build-params'],
  ['az', 'validate'],
] as const)('what %s %s refuses ends it, in its words', async (name, refused) => {
  await standIn(name, refused);
  const { status, stderr } = build({ AZURE_ENV_NAME: 'prod', AZURE_LOCATION: 'westeurope' });
  expect(status).toBe(1);
  expect(stderr).toContain('BCP018');
});

it('without either it says so, and leaves the templates as they are', async () => {
  const before = await readFile(OPEN_PATHS, 'utf8');
  const { status, stdout } = build();
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('Neither bicep nor az') });
  expect(await readFile(OPEN_PATHS, 'utf8')).toBe(before);
});
