import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildCommands, STAND_INS, validateCommands } from '../../scripts/infra-build.ts';
import { literalText } from './bicep/expressions.ts';
import { expressionsIn, within } from './checks/walk.ts';
import { infra, type Project, ROOT } from './project.ts';

let project: Project;
beforeAll(async () => {
  project = await infra();
});

const filesIn = (commands: readonly (readonly string[])[]): string[] =>
  commands.flatMap((command) => command.filter((word) => /\.bicep(param)?$/.test(word)));

it('npm run infra:build lints and compiles everything that can be deployed, with either CLI', () => {
  const called = new Set(
    [...project.values()].flatMap((file) => [...file.modules, ...file.imports].map(({ path }) => path)),
  );
  const isPart = (path: string): boolean =>
    [...called].some((one) => path.endsWith(one.replace(/^(\.\.?\/)+/, '')));
  const whole = [...project.keys()].filter((path) => path.endsWith('param') || !isPart(path));
  for (const cli of ['bicep', 'az'] as const) {
    const commands = buildCommands(cli, '/out');
    expect([...new Set(filesIn(commands))].sort(), cli).toEqual(expect.arrayContaining(whole.sort()));
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
