import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cloud, startCloud } from '../../lab/cloud.ts';
import { processEnvironment } from '../../lab/environment.ts';
import { type Part, personOf } from '../../lab/people.ts';
import { createCommandLine, type Ended, type Running } from './lab-command.ts';

/**
 * The command line in an offline cloud, with a person at a browser that opens by itself. The first customer has three
 * incidents, the second two.
 */
export interface SignInLab {
  readonly cloud: Cloud;
  /** Settings of a command there. */
  readonly env: Readonly<Record<string, string>>;
  /** Where sign-ins are kept. */
  readonly folder: string;
  /** User name of a person of the home tenant. */
  userName(part: Part): string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  /** The title of the last page that the person saw. */
  lastPage(): Promise<string | undefined>;
  /** Another browser: opens the address, enters the code, signs in. */
  visit(user: string, address: string, code?: string): Promise<void>;
  stop(): Promise<void>;
}

const VISITOR = join(import.meta.dirname, 'sign-in-visitor.ts');

export async function startSignInLab(): Promise<SignInLab> {
  const [cloud, line] = await Promise.all([startCloud(), createCommandLine()]);
  const [graph, xdr] = cloud.world.tenants.map(({ id }) => cloud.defender.tenant(id).generator);
  graph?.seedHistory(3, 10);
  xdr?.seedHistory(2, 10);
  const userName = (part: Part): string => personOf(cloud.world, cloud.world.home.id, part).userPrincipalName;
  const programs = join(line.folder, 'bin');
  const opener = join(programs, 'xdg-open');
  await mkdir(programs);
  await writeFile(opener, `#!/bin/sh\nexec "${process.execPath}" "${VISITOR}" "$@"\n`);
  await chmod(opener, 0o755);
  const settings = processEnvironment(cloud.env, process.env);
  const env = {
    ...settings,
    PATH: [programs, settings.PATH ?? ''].join(delimiter),
    XDG_STATE_HOME: join(line.folder, 'state'),
    DISPLAY: ':99',
    // No Secret Service, as on a server.
    DBUS_SESSION_BUS_ADDRESS: '',
    LAB_VISITOR: userName('operator'),
    LAB_VISITOR_SAW: join(line.folder, 'saw'),
  };
  const start: SignInLab['start'] = (args, more = {}) => line.start(args, { ...env, ...more });
  return {
    cloud,
    env,
    folder: join(line.folder, 'state', 'outrider'),
    userName,
    start,
    run: (args, more) => start(args, more).ended,
    async lastPage() {
      const text = await readFile(env.LAB_VISITOR_SAW, 'utf8').catch(() => '');
      return text.trimEnd().split('\n').at(-1);
    },
    async visit(user, address, code) {
      const args = [address, ...(code === undefined ? [] : [code])];
      const child = spawn(opener, args, { stdio: 'ignore', env: { ...env, LAB_VISITOR: user } });
      const [status] = await once(child, 'exit');
      if (status !== 0) throw new Error(`The browser has failed (${status}).`);
    },
    async stop() {
      await line.dispose();
      await cloud.stop();
    },
  };
}

/** Waits until the command has said this on stderr. */
export async function said({ child, ended }: Running, words: RegExp): Promise<RegExpExecArray> {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (;;) {
    const found = words.exec(text);
    if (found) return found;
    if (isOver) throw new Error(`The command has ended: ${text}`);
    await sleep(20);
  }
}
