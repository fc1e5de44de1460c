import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DataSet } from '../stand-in/incidents.ts';
import type { Addresses, Servers } from '../stand-in/start.ts';

/** What a job's process is told. */
export interface Order {
  readonly addresses: Addresses;
  readonly dataSet: DataSet;
  readonly tenantIds: readonly string[];
  /** Of a floor: rows of a transaction, as the product was seen to write on average. */
  readonly perTransaction?: number;
}

/** What a job did. */
export interface Done {
  readonly incidents: number;
  /** CPU time of one pass in milliseconds, for each batch of passes; for jobs of many passes. */
  readonly cpuMsOfPasses?: readonly number[];
  readonly passes?: number;
  /** Messages put on the queue. */
  readonly messages?: number;
}

/** What a job cost. */
export interface Cost extends Done {
  /** From the order to the end of the work; the process and its modules were loaded before. */
  readonly ms: number;
  readonly cpuMs: number;
  /** Greatest resident size of the process, in MiB. */
  readonly peakMiB: number;
}

interface Message {
  readonly cost?: Cost;
  readonly warm?: true;
}

/**
 * In the job's process: does the work once, and tells the parent what it cost.
 *
 * @param work calls `warm`, where it warms up first, when what counts begins
 */
export async function job(work: (order: Order, warm: () => Promise<void>) => Promise<Done>): Promise<void> {
  const [order] = (await ordered) as [Order];
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const done = await work(order, async () => {
    const goOn = once(process, 'message');
    process.send?.({ warm: true } satisfies Message);
    await goOn;
  });
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpuBefore);
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  process.send?.({ cost: { ...done, ms, cpuMs: (user + system) / 1000, peakMiB } } satisfies Message);
  process.disconnect();
}

/**
 * In the bench: a job in a fresh process; the servers' counts start with it, or when it is warm.
 *
 * @param execArgv Node's own options
 */
export async function runJob(
  name: string,
  servers: Servers,
  order: Order,
  execArgv: readonly string[] = [],
): Promise<Cost> {
  await servers.reset();
  const child = fork(join(import.meta.dirname, `${name}.ts`), {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: servers.authorityFile },
    execArgv: [...execArgv],
  });
  const ended = once(child, 'exit');
  const cost = new Promise<Cost>((resolve, reject) => {
    child.on('message', async (message: Message) => {
      if (message.cost) return resolve(message.cost);
      await servers.resetCounts();
      child.send('go on');
    });
    ended.then(() => reject(new Error(`the job ${name} ended without a result; what it said is above`)));
  });
  child.send(order);
  const result = await cost;
  await ended;
  return result;
}

const ordered = once(process, 'message');
