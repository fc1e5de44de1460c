import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ROOT } from '../infra/project.ts';
import { azureFault, commandFault } from './command-fault.ts';
import { commandsIn, type Told } from './commands-in.ts';

let told: readonly Told[];
beforeAll(async () => {
  const pages = (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
  told = (
    await Promise.all(
      ['README.md', ...pages.map((name) => `docs/${name}`)].map(async (page) =>
        commandsIn(page, await readFile(join(ROOT, page), 'utf8')),
      ),
    )
  ).flat();
});

it('every command in README and docs is of a program, a script, a file and with options that there are', () => {
  expect(told.length).toBeGreaterThan(90);
  const lines = told.map(({ words }) => words.join(' '));
  expect(lines).toContain('npm start -- --incidents <folder> --hunt-results <folder>');

  const faults = told.flatMap(({ page, words }) => {
    const fault = commandFault(words);
    return fault === undefined ? [] : [`${page}: ${words.join(' ')}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

it.each([
  ['npm run deploy', 'has no script deploy'],
  ['npx outrider doctor --colour red', 'no --colour'],
  ['npx outrider lab exec -- npx outrider incidents lst', 'no command'],
  ['npx outrider docter', 'no command'],
  ['infra/deploy.sh --environment prod --region x', 'no --region'],
  ['infra/deploy.ps1 -Environment prod -Region x', 'no -Region'],
  ['az group remove --name x', 'not known'],
  ['az group delete --names x', 'no --names'],
  ['az group delete -n x', 'no -n'],
  ['az role assign --assignee x', 'not known'],
  ['func azure functionapp publish x --nobuild', 'no --nobuild'],
  ['func start && cd dist/nothing', 'no dist/nothing'],
  ['cp infra/github/deploi.yml .github/workflows/deploy.yml', 'no infra/github/deploi.yml'],
  [
    'az deployment sub create --parameters infra/sizes/two.main.bicepparam',
    'no infra/sizes/two.main.bicepparam',
  ],
  ['node scripts/nothing.ts', 'no scripts/nothing.ts'],
  ['npm ci --omit-dev', 'no --omit-dev'],
  ['npm start -- --tenant 50', 'no --tenant'],
  ['npm start --tenants 50', '-- is missing'],
  ['npm run test:faults -- --scheduled 10000', 'no --scheduled'],
  ['outrider tenants list --output jsn', '--output is one of'],
  ['outrider doctor --url --wait 10', '--url has no value'],
])('%s is found', (line, fault) => {
  const [last] = commandsIn('page', `\`\`\`sh\n${line}\n\`\`\``).slice(-1);
  expect(commandFault(last?.words ?? [])).toContain(fault);
});

it('deploy commands that stand there whole go through a dry run, whose az commands there are', () => {
  const whole = told.filter(
    ({ words }) =>
      words[0] === 'infra/deploy.sh' && !/[<…]/.test(words.join(' ')) && words.includes('--location'),
  );
  expect(whole.length).toBeGreaterThanOrEqual(2);
  for (const { words } of whole) {
    const printed = execFileSync(join(ROOT, 'infra/deploy.sh'), [...words.slice(1), '--dry-run'], {
      encoding: 'utf8',
    });
    const commands = printed.split('\n').filter((line) => line.startsWith('az '));
    expect(commands.length).toBeGreaterThan(8);
    for (const line of commands)
      expect(
        azureFault(commandsIn('', `\`\`\`sh\n${line.split(' --query')[0]}\n\`\`\``)[0]?.words ?? []),
        line,
      ).toBeUndefined();
  }
});

it('a size that there is not ends the dry run', () => {
  const asked = ['--environment', 'prod', '--location', 'westeurope', '--size', 'huge', '--dry-run'];
  const ran = spawnSync(join(ROOT, 'infra/deploy.sh'), asked, { encoding: 'utf8' });
  expect({ code: ran.status, text: ran.stderr }).toEqual({ code: 2, text: expect.stringContaining('huge') });
});

// Those that need neither Azure nor a lab; what needs a lab is run by the tests of test/cli.
it.runIf(process.env.CI)('commands that need nothing else do what they say', () => {
  const lines = ['npx outrider --help', 'npx outrider queries check queries'];
  const local = told.filter(({ page, words }) => page === 'README.md' && lines.includes(words.join(' ')));
  expect(local).toHaveLength(lines.length);
  for (const { words } of local)
    execFileSync(process.execPath, ['bin/outrider.js', ...words.slice(2)], { cwd: ROOT });
});
