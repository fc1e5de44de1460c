import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Cloud, startCloud } from '../../lab/cloud.ts';
import type { DirectoryApp } from '../../lab/entra/directory.ts';
import { processEnvironment } from '../../lab/environment.ts';
import { notes } from '../../lab/leak-watch/notes.ts';
import type { Credential, Tenant } from '../../shared/tenant.ts';
import { tenantWith } from '../support/tenant-with.ts';
import type { Answer, Order, Setup } from './token-orders.ts';

/** The running lab and the product's token source in a process of its own inside it. */
export interface AuthLab {
  readonly cloud: Cloud;
  /** Every secret, assertion and token that has passed. */
  readonly secrets: readonly string[];
  tokens(request: { tenant: string; refused?: string }, times?: number): Promise<readonly Answer[]>;
  token(tenant: string): Promise<string>;
  /** The error of a call that must fail. */
  failure(request: { tenant: string; refused?: string }): Promise<NonNullable<Answer['error']>>;
  identityToken(clientId: string, scope: string): Promise<Answer>;
  /** Moves the time of the lab and of the process ahead, the libraries' too. TLS stays in the present. */
  advance(ms: number): Promise<void>;
  /** A fresh process with these tenants; the old one ends. Settings may be taken out of its environment. */
  restart(tenants: readonly Tenant[], without?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export function tenantRecord(id: string, credential: Credential, name = 'Fabrikam'): Tenant {
  return { ...tenantWith({}, id), name, credential };
}

/** Registers an app of the first tenant's that may read incidents there: without any credential so far. */
export function addReader(
  { cloud }: AuthLab,
  { appId, displayName }: Pick<DirectoryApp, 'appId' | 'displayName'>,
): DirectoryApp {
  const tenant = cloud.world.tenants[0]?.id ?? '';
  const app: DirectoryApp = {
    appId,
    homeTenantId: tenant,
    displayName,
    secrets: [],
    certificates: [],
    federated: [],
    grants: { [tenant]: { 'https://graph.microsoft.com': ['SecurityIncident.Read.All'] } },
  };
  cloud.directory.apps.push(app);
  return app;
}

/** Until it is so: for what happens in the background. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 10_000; Date.now() < giveUpAt; ) {
    if (await isSo()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('it did not happen');
}

export async function startAuthLab(): Promise<AuthLab> {
  const secrets: string[] = [];
  let aheadMs = 0;
  const cloud = await startCloud({
    clock: { now: () => Date.now() + aheadMs },
    onSecret: (secret) => secrets.push(secret),
  });
  let child: ChildProcess | undefined;
  let lastId = 0;

  async function order(what: Order): Promise<readonly Answer[]> {
    if (child === undefined) throw new Error('the token process is not started');
    const id = ++lastId;
    const process = child;
    return new Promise<readonly Answer[]>((resolve, reject) => {
      const onExit = (): void => reject(new Error('the token process ended'));
      const onMessage = (message: { id: number; answers?: readonly Answer[]; failed?: string }): void => {
        if (message.id !== id) return;
        process.off('message', onMessage).off('exit', onExit);
        for (const { error } of message.answers ?? []) {
          if (error) notes().seen('error of the product', JSON.stringify(error));
        }
        if (message.answers) resolve(message.answers);
        else reject(new Error(message.failed));
      };
      process.on('message', onMessage).on('exit', onExit);
      process.send({ id, order: what });
    });
  }

  async function end(): Promise<void> {
    const ended = child && once(child, 'exit');
    child?.kill();
    child = undefined;
    await ended;
  }

  const tokens: AuthLab['tokens'] = (request, times = 1) =>
    order({ do: 'getTokens', request: { resource: 'graph', ...request }, times });

  return {
    cloud,
    secrets,
    tokens,
    async token(tenant) {
      const [answer] = await tokens({ tenant });
      if (answer?.token === undefined) throw new Error(`no token: ${answer?.error?.message}`);
      return answer.token;
    },
    async failure(request) {
      const [answer] = await tokens(request);
      if (answer?.error === undefined) throw new Error('there was a token where none should be');
      return answer.error;
    },
    async identityToken(clientId, scope) {
      const [answer] = await order({ do: 'identityToken', clientId, scope });
      if (answer === undefined) throw new Error('no answer');
      return answer;
    },
    async advance(ms) {
      aheadMs += ms;
      await order({ do: 'advance', ms });
    },
    async restart(tenants, without = []) {
      await end();
      child = fork(fileURLToPath(new URL('./token-process.ts', import.meta.url)), {
        env: omit(processEnvironment(cloud.env, process.env), without),
        execArgv: [],
      });
      await order({ do: 'advance', ms: aheadMs });
      await order({ do: 'setUp', setup: setupOf(cloud, tenants) });
    },
    async stop() {
      await end();
      await cloud.stop();
    },
  };
}

function omit(env: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

function setupOf({ world }: Cloud, tenants: readonly Tenant[]): Setup {
  return {
    tenants,
    federation: world.identities.federation.clientId,
    vaultIdentity: world.identities.vault.clientId,
    vaultUrl: `https://${world.vaultHost}`,
  };
}
