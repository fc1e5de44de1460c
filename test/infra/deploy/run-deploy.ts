import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../project.ts';

/** What the Azure of a test says to a command of `az`: the first that fits. */
export interface Rule {
  /** The words of the command, with `*` for any. */
  readonly when: string;
  /** Beginning of a command that must have succeeded before. */
  readonly after?: string;
  /** How often it holds; default always. */
  readonly times?: number;
  readonly exit?: number;
  readonly out?: string;
  readonly err?: string;
}

/** What came of a run of deploy.sh. */
export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** Commands of `az`, in order, as their words. */
  readonly calls: readonly string[];
}

/** A subscription that remembers what was done to it. */
export interface Subscription {
  readonly folder: string;
  run(args: readonly string[], rules?: readonly Rule[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Names of variables that were set whenever a parameter file was used, with the file's name. */
  environment(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** Takes a program away. */
  without(program: 'az' | 'azd'): Promise<void>;
  /** What azd was told, as words. */
  azd(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const SEPARATOR = '\x1f';

/** An empty subscription, whose `az` is the stand-in, and whose `sleep` takes no time. */
export async function emptySubscription(): Promise<Subscription> {
  const folder = await mkdtemp(join(tmpdir(), 'outrider-deploy-'));
  const [log, rulesFile] = [join(folder, 'log'), join(folder, 'rules')];
  await copyFile(join(import.meta.dirname, 'az'), join(folder, 'az'));
  await writeFile(join(folder, 'sleep'), '#!/bin/sh\n');
  await chmod(join(folder, 'sleep'), 0o755);
  await writeFile(join(folder, 'azd'), `#!/bin/sh\necho "$@" >> ${log}.azd\n`);
  await chmod(join(folder, 'azd'), 0o755);
  await writeFile(join(folder, 'outrider.zip'), 'a package');
  await writeFile(log, '');
  return {
    folder,
    async run(args, rules = [], env = {}) {
      const before = (await readFile(log, 'utf8')).length;
      await writeFile(rulesFile, `${rules.map(lineOf).join('\n')}\n`);
      const child = spawn(join(ROOT, 'infra/deploy.sh'), args, {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: `${folder}:${process.env.PATH}`,
          AZ_LOG: log,
          AZ_RULES: rulesFile,
          LC_ALL: 'C.UTF-8',
          ...env,
        },
      });
      const [out, err, exit] = await Promise.all([
        textOf(child.stdout),
        textOf(child.stderr),
        new Promise<number>((done) => child.once('close', (code) => done(code ?? -1))),
      ]);
      const lines = (await readFile(log, 'utf8')).slice(before).split('\n').filter(Boolean);
      return { exit, out, err, calls: lines.map((line) => line.split('\t').slice(2).join('\t')) };
    },
    async environment() {
      const file = `${log}.environment`;
      const found = new Map<string, Map<string, string>>();
      if (!existsSync(file)) return found;
      for (const line of (await readFile(file, 'utf8')).split('\n').filter(Boolean)) {
        const [, name = '', variable = '', value = ''] = /^(\S+) (\w+)=(.*)$/.exec(line) ?? [];
        found.set(name, (found.get(name) ?? new Map()).set(variable, value));
      }
      return found;
    },
    without: (program) => rm(join(folder, program)),
    async azd() {
      const file = `${log}.azd`;
      return existsSync(file) ? (await readFile(file, 'utf8')).split('\n').filter(Boolean) : [];
    },
    stop: () => rm(folder, { recursive: true }),
  };
}

function lineOf({ when, after = '', times, exit = 0, out = '', err = '' }: Rule): string {
  return [when, after, times === undefined ? '' : String(times), String(exit), out, err, ''].join(SEPARATOR);
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) text += part;
  return text;
}
