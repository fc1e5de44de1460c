import { runJob } from './jobs/job.ts';
import { type Bench, median } from './measure.ts';
import { startServers } from './stand-in/start.ts';

const TENANT = '22222222-2222-4222-8222-222222222222';
const CPU_MS = 3;

/** What a pass costs that finds nothing new: most passes of most tenants. */
export const nothingNew: Bench = {
  name: 'nothing-new',
  async run() {
    const servers = await startServers();
    try {
      const order = { addresses: servers.fast, dataSet: 'usual-1000', tenantIds: [TENANT] } as const;
      const { passes = 0, cpuMsOfPasses = [], messages = 0 } = await runJob('nothing-new', servers, order);
      const { graph, table, blob, rows } = await servers.counts();
      const [calls, storage] = [graph / passes, (table + blob) / passes];
      const cpuMs = median(cpuMsOfPasses);
      return [
        {
          what: 'nothing new',
          against: '',
          goal: `2 API calls, ≤ 2 table and blob operations, ≤ ${CPU_MS} ms CPU`,
          value: `${calls} API calls, ${storage} operations, ${cpuMs.toFixed(2)} ms CPU`,
          met: calls === 2 && storage <= 2 && cpuMs <= CPU_MS,
          detail: `of ${passes} passes after a first load of 1,000 incidents: ${graph} API calls, ${table} table operations (${rows} rows written), ${blob} blob operations; ${messages} queue messages sent by the passes, and one by the timer for each. CPU of the warm process, TLS and the Azure SDKs included, median of ${cpuMsOfPasses.length} batches of ${passes / cpuMsOfPasses.length}: fastest ${Math.min(...cpuMsOfPasses).toFixed(2)} ms, slowest ${Math.max(...cpuMsOfPasses).toFixed(2)} ms.`,
          reason:
            'nearly all of it is Node’s TLS and HTTP and the Azure SDK’s pipelines for the four requests.',
        },
      ];
    } finally {
      await servers.stop();
    }
  },
};
