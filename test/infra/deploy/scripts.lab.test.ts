import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../project.ts';

const SHELL = ['deploy.sh', 'deploy/say.sh', 'deploy/preflight.sh', 'deploy/steps.sh'].map((name) =>
  join(ROOT, 'infra', name),
);
const POWERSHELL = SHELL.map((file) => file.replace(/\.sh$/, '.ps1'));

const texts = async (files: readonly string[]): Promise<string> =>
  (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');

const shell = async (): Promise<string> => (await texts(SHELL)).replaceAll('\\\n', ' ');
const powershell = (): Promise<string> => texts(POWERSHELL);

/** `deployment sub create --location --name …` and so on, in alphabetical order. */
function azCommandsOf(text: string): readonly string[] {
  // Sentences for people have commands, too: only those that are run count.
  const run = [
    ...text.matchAll(
      /(?:ask \S+|ask '[^']*'|ask "[^"]*"|attempt \S+|attempt "[^"]*") az ((?:[a-z][a-z-]*(?=[\s)]) ?)+)(.*)/g,
    ),
    ...text.matchAll(/Invoke-Az .*?@\(((?:'[a-z][a-z-]*'(?:, )?)+)(.*)/g),
  ].map(([, words = '', rest = '']) => {
    // How an answer is read is each shell's own: one has JSON, the other lines.
    const options = (rest.split(' || ')[0]?.match(/--[a-z-]+/g) ?? []).filter(
      (option) => !/^--(query|output)$/.test(option),
    );
    return [words.replaceAll(/[',]/g, '').replaceAll(/\s+/g, ' ').trim(), ...options.sort()].join(' ');
  });
  return [...new Set(run)].filter((words) => !words.startsWith('rest')).sort();
}

/** What people are told and asked, with `*` for what a variable gives, in order of the alphabet. */
function wordsOf(text: string): readonly string[] {
  const quoted = String.raw`(?:"((?:[^"\\\`]|[\\\`].)*)"|'([^']*)')`;
  const saying = new RegExp(
    `(?<![\\w-])(?:die|step|confirm|instead|printf|Stop-Deployment|Write-Step|Confirm-Step|Get-Instead|Write-Host|-Otherwise) ${quoted}(?: ${quoted})?`,
    'g',
  );
  const said = [...text.matchAll(saying)].flatMap(([, ...words]) =>
    words.filter((word) => word !== undefined),
  );
  const plain = said.flatMap((words) =>
    words
      .replaceAll(/\$env:(AZURE_SUBSCRIPTION_ID)/g, '*')
      .replaceAll(/\$\([^)]*\)\)|\$\([^)]*\)|\$\{\w+\}|\$\w+|%s/g, '*')
      .replaceAll('deploy.ps1', 'deploy.sh')
      .replaceAll(
        /(^|[ ,(])-([A-Z][A-Za-z]+)/g,
        (_, before: string, name: string) => `${before}${kebab(name)}`,
      )
      .split(String.raw`\n`),
  );
  // Sentences and commands, not bits that a sentence is put together from.
  return [...new Set(plain.map((words) => words.trimEnd()))]
    .filter((words) => /^[A-Za-z*'-].* /.test(words))
    .sort();
}

/** What one of them alone says: PowerShell finds wrong options itself; a dry run prints what each of them would send. */
const OWN = [/infra\/deploy\.sh --help/, /^client api( cli)?$/, /^GET \*/, /^azd env set \* \*$/];

const kebab = (name: string): string => `--${name.replaceAll(/(?!^)([A-Z])/g, '-$1').toLowerCase()}`;

/** Paths of Microsoft Graph and Azure Resource Manager that are asked. */
function pathsOf(text: string): readonly string[] {
  const paths = [
    ...text.matchAll(/(?:\$graph|\$graph ["']|"|\$arm ")(\/(?:v1\.0|subscriptions)\/[^"]*?)["?]/g),
  ].map(([, path = '']) => path);
  const plain = paths.map((path) => path.replaceAll(/\$\([^)]*\)|\$\w+/g, '*').replace(/\*-\*/, '*'));
  return [...new Set(plain)].filter((path) => !path.includes(' ')).sort();
}

it('deploy.sh and deploy.ps1 give az the same commands', async () => {
  const inShell = azCommandsOf(await shell());
  expect(inShell).toContain('functionapp deployment source config-zip --name --resource-group --src');
  expect(inShell.length).toBeGreaterThan(10);
  expect(azCommandsOf(await powershell())).toEqual(inShell);
});

it('a command that only one of them has is found', () => {
  expect(azCommandsOf("ask '' az group list --tag a --output tsv")).toEqual(['group list --tag']);
  expect(azCommandsOf("Invoke-Az '[]' @('group', 'list', '--tag')")).toEqual(['group list --tag']);
  expect(azCommandsOf("Invoke-Az '[]' @('group', 'delete', '--tag')")).not.toEqual(
    azCommandsOf("ask '' az group list --tag a"),
  );
});

it('both say the same, in the same words', async () => {
  const of = async (files: readonly string[]): Promise<readonly string[]> =>
    wordsOf((await texts(files.filter((file) => !file.includes('/say.')))).replaceAll('\\\n', ' ')).filter(
      (words) => !OWN.some((own) => own.test(words)),
    );
  const inShell = await of(SHELL);
  expect(inShell.length).toBeGreaterThan(65);
  expect(await of(POWERSHELL)).toEqual(inShell);
});

it('a sentence that only one of them has is found', () => {
  expect(wordsOf('die "No $size: use --size one." 2')).toEqual(['No *: use --size one.']);
  expect(wordsOf('Stop-Deployment "No $Size, use -Size one." 2')).toEqual(['No *, use --size one.']);
  expect(wordsOf("step 'Is it there?'")).not.toEqual(wordsOf("Write-Step 'Is it here?'"));
});

it('both have the same options, oldest versions, variables and words of Entra ID that are waited for', async () => {
  const [sh, ps1] = [await shell(), await powershell()];
  const options = [...new Set([...sh.matchAll(/^ {2,}(--[a-z-]+)\) /gm)].map(([, option]) => option))].sort();
  const parameters = ps1.slice(ps1.indexOf('param('), ps1.indexOf('Set-StrictMode'));
  const theirs = [...parameters.matchAll(/\[(?:string|switch)\] \$(\w+)/g)]
    .map(([, name = '']) => kebab(name))
    .sort();
  expect(options.length).toBeGreaterThan(12);
  expect(theirs).toEqual(options);
  for (const pattern of [
    /(?:AZ_OLDEST=|azOldest = \[version\]')([\d.]+)/,
    /(?:BICEP_OLDEST=|bicepOldest = \[version\]')([\d.]+)/,
    /(valid reference update)/,
    /(queried reference-property objects)/,
    /(entry already exists)/,
    /(assigned already exists)/,
  ]) {
    expect(pattern.exec(sh)?.[1], String(pattern)).toBeTruthy();
    expect(pattern.exec(ps1)?.[1]).toBe(pattern.exec(sh)?.[1]);
  }
  const given = (text: string): string[] =>
    [
      ...new Set(
        [...text.matchAll(/(?:^|then|\{)\s*(?:give|Set-Given) (\w+)/gm)].map(([, name = '']) => name),
      ),
    ].sort();
  expect(given(sh)).toHaveLength(12);
  expect(given(ps1)).toEqual(given(sh));
});

it('both ask Microsoft Graph and Azure for the same', async () => {
  const inShell = pathsOf(await shell());
  expect(inShell).toContain('/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole');
  expect(inShell.length).toBeGreaterThanOrEqual(5);
  expect(pathsOf(await powershell())).toEqual(inShell);
});

const shellcheck = (process.env.PATH ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'shellcheck')));

it.runIf(shellcheck)('shellcheck finds nothing, where it is on PATH', () => {
  expect(
    execFileSync('shellcheck', ['--external-sources', SHELL[0] ?? '', join(import.meta.dirname, 'az')], {
      cwd: ROOT,
      encoding: 'utf8',
    }),
  ).toBe('');
});

it('every part of deploy.sh parses and is sourced; none is longer than 300 lines', async () => {
  const parts = (await readdir(join(ROOT, 'infra/deploy'))).map((name) => join(ROOT, 'infra/deploy', name));
  const known = [...SHELL, ...POWERSHELL].sort();
  expect([join(ROOT, 'infra/deploy.sh'), join(ROOT, 'infra/deploy.ps1'), ...parts].sort()).toEqual(known);
  const other = await readFile(POWERSHELL[0] ?? '', 'utf8');
  for (const part of parts.filter((name) => name.endsWith('.ps1'))) {
    expect(other).toContain(`. "$PSScriptRoot/deploy/${part.split('/').at(-1)}"`);
  }
  const whole = await readFile(SHELL[0] ?? '', 'utf8');
  expect(whole).toMatch(/^set -euo pipefail$/m);
  for (const part of parts.filter((name) => name.endsWith('.sh'))) {
    expect(whole).toContain(`. "$here/deploy/${part.split('/').at(-1)}"`);
  }
  for (const file of SHELL) execFileSync('bash', ['-n', file]);
  for (const file of known) expect((await readFile(file, 'utf8')).split('\n').length).toBeLessThan(300);
  expect(() => execFileSync('bash', ['-n', '-c', 'if true; then'], { stdio: 'pipe' })).toThrow();
});
