// First, since modules keep `Date.now`.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildApp } from '../../scripts/build.ts';
import { createManagedIdentity, tokenCredentialOf } from '../../shared/auth/managed-identity.ts';
import { systemClock } from '../../shared/clock.ts';
import { readConfig, requirePart } from '../../shared/config.ts';
import { createTableStore } from '../../shared/state/table-store.ts';
import type { Row } from '../../shared/storage.ts';
import { type OutriderApp, startOutrider } from '../http/outrider-app.ts';
import { waitFor } from '../lab/runner/run-app.ts';
import { advance } from './moving-time.ts';
import { enter } from './sync-lab.ts';

/** One log event of the app. */
export interface AppEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** The deployed app with a library of the test's own, in a cloud whose time both follow. */
export interface HuntingApp extends OutriderApp {
  /** Lets time pass, in the lab and in the app. Storage stays in the present: a message's delay does not pass sooner. */
  move(ms: number): Promise<void>;
  /** Has a function that is not HTTP triggered run now, with this message, as the host's admin API does. */
  trigger(name: string, input?: string): Promise<void>;
  events(event: string): readonly AppEvent[];
  /** Waits until there are so many events of a name. */
  until(event: string, count: number): Promise<readonly AppEvent[]>;
  /** The change feed of a tenant. */
  feed(tenant: string): Promise<readonly Row[]>;
}

/**
 * @param options.library text of each query file, by name
 * @param options.aheadMs how far the time of lab and app is ahead of the machine's at the start
 */
export async function startHuntingApp(options: {
  readonly library: Readonly<Record<string, string>>;
  readonly aheadMs: number;
  readonly onSecret: (secret: string) => void;
}): Promise<HuntingApp> {
  const { library, onSecret } = options;
  let ahead = options.aheadMs;
  advance(ahead);
  const folder = await mkdtemp(join(tmpdir(), 'outrider-hunts-'));
  const directory = join(folder, 'app');
  const timeFile = join(folder, 'time');
  await buildApp(directory);
  await replaceLibrary(join(directory, 'queries'), library);
  await writeFile(timeFile, String(ahead));
  const app = await startOutrider({
    directory,
    cloud: { onSecret },
    settings: () => ({
      // Its own time never comes in the way of what is asked for: a due time is dealt with once.
      'AzureWebJobs.enqueue-due-hunts.Disabled': 'false',
      'AzureWebJobs.enqueue-due-tenants.Disabled': 'true',
      OUTRIDER_TEST_TIME: timeFile,
      NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import ${FOLLOW_TIME}`].filter(Boolean).join(' '),
    }),
  });
  enter(app.cloud);
  const events = (name: string): readonly AppEvent[] =>
    app.log.flatMap(({ message }) => eventOf(message, name));

  return {
    ...app,
    events,
    async move(ms) {
      advance(ms);
      ahead += ms;
      await writeFile(timeFile, String(ahead));
      await app.logged(`time is ahead by ${ahead}`);
    },
    async trigger(name, input = '') {
      const { status } = await app.call(`/admin/functions/${name}`, { method: 'POST', body: { input } });
      if (status !== 202) throw new Error(`the host answered ${status} when ${name} was to run`);
    },
    until: (name, count) =>
      waitFor(
        () => (events(name).length >= count ? events(name) : undefined),
        () => app.log.map(({ message }) => message).join('\n'),
      ),
    async feed(tenant) {
      const rows: Row[] = [];
      for await (const page of feedTable(app).range(tenant, 'x|', 'x|~')) rows.push(...page);
      return rows;
    },
    async stop() {
      await app.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const FOLLOW_TIME = pathToFileURL(join(import.meta.dirname, 'follow-time.ts')).href;

async function replaceLibrary(folder: string, library: Readonly<Record<string, string>>): Promise<void> {
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await Promise.all(Object.entries(library).map(([name, text]) => writeFile(join(folder, name), text)));
}

function eventOf(message: string, name: string): readonly AppEvent[] {
  if (!message.includes(`"${name}"`)) return [];
  const read: AppEvent = JSON.parse(message);
  return read.event === name ? [read] : [];
}

function feedTable({ cloud }: OutriderApp) {
  const { tableUri, identityClientId } = requirePart(readConfig({ ...cloud.env }), 'storage');
  const credential = tokenCredentialOf(
    createManagedIdentity({ clientId: identityClientId, clock: systemClock }),
  );
  return createTableStore({ uri: tableUri, table: 'OutriderIncidents', credential });
}
