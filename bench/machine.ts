import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

const MEASURED = ['bench', 'functions', 'shared', 'scripts', 'test/support', 'package-lock.json'];

/** What a bench ran on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly node: string;
  /** Day, UTC. */
  readonly date: string;
  /** Of the checkout, with a `+` when files differed from it. */
  readonly commit: string;
}

/** This machine and checkout, now. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    commit: commitNow(),
  };
}

function commitNow(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', ...MEASURED.map((path) => `:/${path}`));
    return `${git('rev-parse', '--short=10', 'HEAD')}${changed === '' ? '' : '+'}`;
  } catch {
    return 'not a checkout';
  }
}
