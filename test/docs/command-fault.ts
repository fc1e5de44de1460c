import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { createProgram } from '../../cli/main.ts';
import { ROOT } from '../infra/project.ts';
import { AZURE_COMMANDS } from './azure-commands.ts';

type Words = readonly string[];

/** What `npm run build` and `npm run package` leave. */
const BUILT = ['dist/app', 'dist/outrider.zip'];
const OURS =
  /^(?:\.\/)?(?:azure\.yaml|(?:bench|bin|cli|dist|docs|functions|infra|lab|queries|scripts|shared|test)\/)/;
const OPTION = /^--?[A-Za-z]/;

/** What is wrong with a command that a page has; undefined when nothing is. */
export function commandFault(words: Words): string | undefined {
  const [program = '', ...rest] = words;
  const check = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
  return (
    (check === undefined ? azureFault(words) : check(rest)) ??
    firstFault(
      words.filter((word) => OURS.test(word)),
      fileFault,
    )
  );
}

const PROGRAMS: Readonly<Record<string, (rest: Words) => string | undefined>> = {
  npm: npmFault,
  npx: ([name = '', ...args]) => (name === 'outrider' ? outriderFault(args) : `npx ${name} is not ours`),
  node: nodeFault,
  outrider: outriderFault,
  'infra/deploy.sh': (args) => {
    const text = read('infra/deploy.sh');
    return unknown(args, (option) => new RegExp(`${option}[ )|]`).test(text));
  },
  'infra/deploy.ps1': (args) => {
    const text = read('infra/deploy.ps1');
    return unknown(args, (option) => text.includes(`] $${option.slice(1)}`));
  },
  cd: ([folder = '']) => fileFault(folder),
  cp: ([file = '']) => fileFault(file),
  curl: () => undefined,
  git: ([verb]) => (verb === 'checkout' ? undefined : `git ${verb} is not known`),
  mkdir: () => undefined,
};

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function fileFault(path: string): string | undefined {
  return BUILT.includes(path) || existsSync(join(ROOT, path)) ? undefined : `there is no ${path}`;
}

function unknown(words: Words, isKnown: (option: string) => boolean): string | undefined {
  const missing = words.filter((word) => OPTION.test(word) && !isKnown(word.split('=')[0] ?? ''));
  return missing.length === 0 ? undefined : `there is no ${missing.join(', ')}`;
}

function firstFault<Item>(
  items: readonly Item[],
  fault: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = fault(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `npm ci`, or a script of package.json; what comes after `--` goes to the last command of the script. */
function npmFault([verb = '', ...rest]: Words): string | undefined {
  if (verb === 'ci') return unknown(rest, () => false);
  const [name = '', ...args] = verb === 'run' ? rest : [verb, ...rest];
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  const script = scripts[name];
  if (script === undefined) return `package.json has no script ${name}`;
  if (args.length === 0) return undefined;
  if (args[0] !== '--') return `npm keeps ${args.join(' ')} for itself: -- is missing`;
  const last = script.split(' && ').at(-1)?.split(' ') ?? [];
  return commandFault([...last, ...args.slice(1)]);
}

/** A file of ours, which has each option as a name that it parses, or as itself. */
function nodeFault([file = '', ...args]: Words): string | undefined {
  if (file === 'bin/outrider.js') return outriderFault(args);
  const missing = fileFault(file);
  if (missing !== undefined) return missing;
  const text = read(file);
  return unknown(args, (option) =>
    new RegExp(`\\b${option.replace(/^-+/, '')}\\b['"]?: \\{|'${option}'`).test(text),
  );
}

/** By the command line itself: its commands, and options and their values of the one that is meant. */
function outriderFault(words: Words): string | undefined {
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
    if (name === 'exec') return commandFault(left[0] === '--' ? left.slice(1) : left);
  }
  const [first] = left;
  if (command.commands.length > 0 && /^[a-z]/.test(first ?? '') && command.registeredArguments.length === 0) {
    return `outrider has no command ${words.join(' ')}`;
  }
  const options = path.flatMap((one) => one.options);
  const named = (word: string): Option | undefined =>
    options.find(({ long, short }) => word === long || word === short);
  return (
    unknown(left, (option) => named(option) !== undefined || ['--help', '--version'].includes(option)) ??
    firstFault([...left.entries()], ([at, word]) => valueFault(word, named(word), left[at + 1]))
  );
}

/** A sentence may name an option and leave its value out, or say `…` for it. */
function valueFault(word: string, option: Option | undefined, value: string | undefined): string | undefined {
  if (!option?.required || value === undefined || /^[…<]/.test(value)) return undefined;
  if (OPTION.test(value)) return `${word} has no value`;
  return option.argChoices === undefined || option.argChoices.includes(value)
    ? undefined
    : `${word} is one of ${option.argChoices.join(', ')}, not ${value}`;
}

/** The longest known command that the words begin with, and its options. */
export function azureFault(words: Words): string | undefined {
  const line = words.join(' ');
  const name = Object.keys(AZURE_COMMANDS)
    .filter((one) => line === one || line.startsWith(`${one} `))
    .sort((a, b) => b.length - a.length)[0];
  if (name === undefined) return `${line} is not known`;
  return unknown(words, (option) => AZURE_COMMANDS[name]?.includes(option) ?? false);
}
