import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, expect, it } from 'vitest';
import { createProgram } from '../../cli/main.ts';
import { ROOT } from '../infra/project.ts';
import { AZURE_COMMANDS } from './azure-commands.ts';
import { commandsIn, type Told } from './commands-in.ts';

const PAGES = ['README.md', 'docs/deploy.md', 'docs/operations.md'];

let told: readonly Told[];
let scripts: Readonly<Record<string, string>>;
let options: { readonly sh: string; readonly ps1: string };
beforeAll(async () => {
  const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
  told = (await Promise.all(PAGES.map(async (page) => commandsIn(page, await read(page))))).flat();
  ({ scripts } = JSON.parse(await read('package.json')));
  options = { sh: await read('infra/deploy.sh'), ps1: await read('infra/deploy.ps1') };
});

/** What is wrong with a command; undefined when nothing is. */
function faultOf(words: readonly string[]): string | undefined {
  const [program = '', ...rest] = words;
  const checks: Readonly<Record<string, (rest: readonly string[]) => string | undefined>> = {
    npm: npmFault,
    npx: ([name = '', ...args]) => (name === 'outrider' ? outriderFault(args) : `npx ${name} is not ours`),
    node: ([file = '']) => fileFault(file),
    outrider: outriderFault,
    'infra/deploy.sh': (args) =>
      unknown(args, /^--[a-z]/, (option) => new RegExp(`${option}[ )]`).test(options.sh)),
    'infra/deploy.ps1': (args) =>
      unknown(args, /^-[A-Z]/, (option) => options.ps1.includes(`] $${option.slice(1)}`)),
    cd: ([folder = '']) => (folder === 'dist/app' ? undefined : fileFault(folder)),
    cp: ([file = '']) => fileFault(file),
    curl: () => undefined,
    git: ([verb]) => (verb === 'checkout' ? undefined : `git ${verb} is not known`),
    mkdir: () => undefined,
  };
  if (program in checks) return checks[program]?.(rest);
  return azureFault(words);
}

const fileFault = (path: string): string | undefined =>
  existsSync(join(ROOT, path)) ? undefined : `there is no ${path}`;

function unknown(
  words: readonly string[],
  form: RegExp,
  isKnown: (option: string) => boolean,
): string | undefined {
  const missing = words.filter((word) => form.test(word) && !isKnown(word));
  return missing.length === 0 ? undefined : `there is no ${missing.join(', ')}`;
}

function npmFault([verb = '', name = '']: readonly string[]): string | undefined {
  if (verb === 'ci') return undefined;
  const script = verb === 'run' ? name : verb;
  return script in scripts ? undefined : `package.json has no script ${script}`;
}

/** By the command line itself: its commands, and the options of the one that is meant. */
function outriderFault(words: readonly string[]): string | undefined {
  let command: Command = createProgram();
  const path: Command[] = [command];
  let left = words;
  for (;;) {
    const [name] = left;
    const next = command.commands.find((one) => one.name() === name);
    if (!next) break;
    command = next;
    path.push(next);
    left = left.slice(1);
    // What runs in the lab is a command of its own.
    if (name === 'exec') return faultOf(left[0] === '--' ? left.slice(1) : left);
  }
  if (
    command.commands.length > 0 &&
    left[0] !== undefined &&
    /^[a-z]/.test(left[0]) &&
    command.registeredArguments.length === 0
  ) {
    return `outrider has no command ${words.join(' ')}`;
  }
  const known = new Set(path.flatMap((one) => one.options.map(({ long }) => long)));
  return unknown(
    left,
    /^--[a-z]/,
    (option) => known.has(option) || option === '--help' || option === '--version',
  );
}

/** The longest known command that the words begin with, and its options. */
function azureFault(words: readonly string[]): string | undefined {
  const line = words.join(' ');
  const name = Object.keys(AZURE_COMMANDS)
    .filter((one) => line === one || line.startsWith(`${one} `))
    .sort((a, b) => b.length - a.length)[0];
  if (name === undefined) return `${line} is not known`;
  return unknown(words, /^--[a-z]/, (option) => AZURE_COMMANDS[name]?.includes(option) ?? false);
}

it('every command in README and docs is of a program, a script, a file and with options that there are', () => {
  expect(told.length).toBeGreaterThan(60);
  const faults = told.flatMap(({ page, words }) => {
    const fault = faultOf(words);
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
  ['func start && cd dist/nothing', 'no dist/nothing'],
])('%s is found', (line, fault) => {
  const [last] = commandsIn('page', `\`\`\`sh\n${line}\n\`\`\``).slice(-1);
  expect(faultOf(last?.words ?? [])).toContain(fault);
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
