import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ROOT } from '../project.ts';
import { hookScripts, type Script, shellFindings, shellScripts, wholeOf, workflowScripts } from './shell.ts';

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
/** What azd itself sets for its hooks; what main.bicep puts out comes after a deployment. */
const OF_AZD = ['AZURE_ENV_NAME', 'AZURE_LOCATION', 'AZURE_SUBSCRIPTION_ID', 'AZURE_TENANT_ID'];

let scripts: readonly Script[];
let textOf: (name: string) => string;
beforeAll(async () => {
  scripts = await shellScripts();
  textOf = (name) => scripts.find((script) => script.name === name)?.text ?? '';
});

/** Of main.bicep; azd puts them into the environment under their own names. */
async function given(): Promise<readonly string[]> {
  const outputs = [...(await read('infra/main.bicep')).matchAll(/^output (\w+) /gm)].map(
    ([, name = '']) => name,
  );
  expect(outputs.length).toBeGreaterThan(3);
  return [...OF_AZD, ...outputs];
}

it('ShellCheck finds nothing in deploy.sh as it runs, with all of its parts', async () => {
  const text = wholeOf(textOf('infra/deploy.sh'), (path) => textOf(join('infra', path)));
  expect(text.split('\n').length).toBeGreaterThan(500);
  expect(await shellFindings({ name: 'infra/deploy.sh and its parts', text })).toEqual([]);
});

it('nor in any other script of the repository', async () => {
  const names = scripts.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['.ci/run', 'infra/deploy.sh', 'test/infra/deploy/az']));
  const parts = names.filter((name) => /^infra\/deploy[./]/.test(name));
  expect(parts).toHaveLength(4);
  for (const script of scripts.filter(({ name }) => !parts.includes(name)))
    expect(await shellFindings({ ...script, given: ['AZ_LOG', 'AZ_RULES'] })).toEqual([]);
});

// Half of the time goes into what is seen above already.
it.runIf(process.env.CI)('nor in deploy.sh and its parts as `shellcheck -x` reads each', async () => {
  const parts = scripts.filter(({ name }) => name.startsWith('infra/deploy/'));
  const sourced = Object.fromEntries(
    parts.map(({ name, text }) => [`./${name.slice('infra/'.length)}`, text]),
  );
  const whole = { name: 'infra/deploy.sh', text: textOf('infra/deploy.sh'), sourced };
  for (const script of [whole, ...parts]) expect(await shellFindings(script)).toEqual([]);
});

it('nor in what workflows and hooks of azd run', async () => {
  const workflows = await Promise.all(
    (await readdir(join(ROOT, 'infra/github'))).map(async (file) =>
      workflowScripts(file, await read(`infra/github/${file}`)),
    ),
  );
  const hooks = hookScripts(await read('azure.yaml'), await given());
  expect(workflows.flat().length).toBeGreaterThanOrEqual(6);
  expect(hooks.map(({ name }) => name)).toEqual([
    'azure.yaml prepackage',
    'azure.yaml preprovision',
    'azure.yaml postdeploy',
  ]);
  for (const script of [...workflows.flat(), ...hooks]) expect(await shellFindings(script)).toEqual([]);
});

it.each<[string, Script]>([
  ['SC2086', { name: 'x', text: '#!/bin/sh\nprintf %s $1\n' }],
  ['SC2154', { name: 'x', text: 'node bin/outrider.js doctor --url "$uri"', shell: 'sh', given: ['url'] }],
  ['SC3010', { name: 'x', text: '[[ -n $url ]] && exit 1', shell: 'sh', given: ['url'] }],
  ['SC2230', { name: 'x', text: '#!/bin/sh\nwhich az > /dev/null\n' }],
])('%s is found where it is', async (code, script) => {
  expect((await shellFindings(script)).map((finding) => finding.split(' ')[1])).toContain(code);
});

it('a step that lets GitHub write into its script is found', async () => {
  const run = `echo "$${'{{ github.event.head_commit.message }}'}"`;
  const [script] = workflowScripts('x.yml', JSON.stringify({ jobs: { a: { steps: [{ run }] } } }));
  expect(await shellFindings(script ?? { name: '', text: '' })).toHaveLength(1);
});

it('a variable that no part sets is found in the whole, in spite of what a part allows itself', async () => {
  const part = '# shellcheck shell=sh disable=SC2154\nagain=x\necho "$agian"';
  const text = wholeOf('#!/bin/sh\n. "$here/part.sh"\necho "$again"\n', () => part);
  expect(await shellFindings({ name: 'x', text })).toEqual([expect.stringMatching(/^x:3 SC2154 agian /)]);
});

it('what a script sources is looked for below its own folder', () => {
  const asked: string[] = [];
  const whole = wholeOf('a=1\n# shellcheck source=x/y.sh\n. "$here/x/y.sh"\nb=2', (path) => {
    asked.push(path);
    return '# shellcheck shell=bash\nc=3';
  });
  expect({ whole, asked }).toEqual({ whole: 'a=1\nc=3\nb=2', asked: ['x/y.sh'] });
});
