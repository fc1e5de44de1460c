import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildCommands, STAND_INS, validateCommands } from '../../scripts/infra-build.ts';
import { literalText } from './bicep/expressions.ts';
import { expressionsIn, within } from './checks/walk.ts';
import { infra, type Project, projectOf, ROOT } from './project.ts';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

const filesIn = (commands: readonly (readonly string[])[]): string[] =>
  commands.flatMap((command) => command.filter((word) => /\.bicep(param)?$/.test(word)));

/** What can be deployed, and parameter files: all that is no part of another template. */
function wholeIn(from: Project): string[] {
  const called = new Set(
    [...from.values()].flatMap((file) => [...file.modules, ...file.imports].map(({ path }) => path)),
  );
  const isPart = (path: string): boolean =>
    [...called].some((one) => path.endsWith(one.replace(/^(\.\.?\/)+/, '')));
  return [...from.keys()].filter((path) => path.endsWith('param') || !isPart(path)).sort();
}

it('a template or a parameter file that is new is noticed', async () => {
  const more = await projectOf({
    'backup.bicep': "param p string = ''",
    'sizes/huge.main.bicepparam': "using '../main.bicep'",
  });
  const added = wholeIn(new Map([...project, ...more])).filter((path) => !wholeIn(project).includes(path));
  expect(added).toEqual(['backup.bicep', 'sizes/huge.main.bicepparam']);
});

it('npm run infra:build lints and compiles everything that can be deployed, with either CLI', () => {
  const whole = wholeIn(project);
  for (const cli of ['bicep', 'az'] as const) {
    const commands = buildCommands(cli, '/out');
    expect([...new Set(filesIn(commands))].sort(), cli).toEqual(whole);
    for (const file of filesIn(commands)) expect(existsSync(join(ROOT, 'infra', file)), file).toBe(true);
    expect(
      commands.every(([first, second]) =>
        cli === 'az' ? first === 'az' && second === 'bicep' : first === 'bicep',
      ),
    ).toBe(true);
    expect(commands.filter((command) => command.includes('lint'))).toHaveLength(4);
  }
});

it('npm run infra:build validates what is deployed to the subscription, for the size that is asked for', () => {
  const commands = validateCommands({ location: 'westeurope', size: 'partner' });
  expect(filesIn(commands)).toEqual(['bootstrap.bicepparam', 'sizes/partner.main.bicepparam']);
  for (const command of commands)
    expect(command.slice(0, 4)).toEqual(['az', 'deployment', 'sub', 'validate']);
});

it('every variable that a parameter file reads has a value to build with, or a default', () => {
  const read = [...project.values()].flatMap((file) =>
    expressionsIn(file).flatMap((root) =>
      [...within(root)].flatMap((expr) =>
        expr.kind === 'call' && expr.name === 'readEnvironmentVariable' && expr.args.length === 1
          ? expr.args.map((arg) => literalText(arg) ?? '')
          : [],
      ),
    ),
  );
  expect([...new Set(read)].sort()).toEqual(Object.keys(STAND_INS).sort());
});

interface BicepConfig {
  readonly extensions: Readonly<Record<string, string>>;
  readonly analyzers: {
    readonly core: { readonly rules: Readonly<Record<string, { readonly level: string }>> };
  };
}

/** Extensions at a version that may move, or that templates lack; rules that find without stopping, but for those that age by themselves. */
function configFaults(from: Project, { extensions, analyzers }: BicepConfig): readonly string[] {
  const used = new Set([...from.values()].flatMap((file) => file.extensions));
  const ages = ['use-recent-api-versions', 'use-description-type-properties'];
  return [
    // A newer one, 1.1.0-preview, has relationships of another form.
    ...Object.entries(extensions).flatMap(([name, at]) =>
      used.has(name) && /^br:mcr\.microsoft\.com\/.+:\d+\.\d+\.\d+$/.test(at) ? [] : [`${name} ${at}`],
    ),
    ...[...used].filter((name) => !(name in extensions)),
    ...Object.entries(analyzers.core.rules).flatMap(([rule, { level }]) =>
      level === (ages.includes(rule) ? 'warning' : 'error') ? [] : [`${rule} ${level}`],
    ),
  ];
}

it('bicepconfig.json names the Graph extension by its version, and has the linter stop at what it finds', async () => {
  const config = JSON.parse(await readFile(join(ROOT, 'infra/bicepconfig.json'), 'utf8')) as BicepConfig;
  expect(configFaults(project, config)).toEqual([]);
  expect(Object.keys(config.analyzers.core.rules).length).toBeGreaterThan(20);
  const moving = 'br:mcr.microsoft.com/bicep/extensions/microsoftgraph/v1.0:1.1.0-preview';
  const rules = { 'no-unused-vars': { level: 'off' } };
  const wrong = { extensions: { microsoftGraphV1: moving }, analyzers: { core: { rules } } };
  expect(configFaults(project, wrong)).toEqual([`microsoftGraphV1 ${moving}`, 'no-unused-vars off']);
  expect(configFaults(project, { ...config, extensions: {} })).toEqual(['microsoftGraphV1']);
});
