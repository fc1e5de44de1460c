import { job } from './job.ts';
import { createProduct } from './ours.ts';

const WARM_UP = 200;
const BATCHES = 15;
const PASSES = 20;

/** Passes that find nothing new, after a first load; costs are of the passes after the warm-up alone. */
await job(async ({ addresses, dataSet, tenantIds: [tenantId = ''] }, warm) => {
  const product = createProduct({ addresses, dataSet, tenantIds: [tenantId] });
  await product.sync(tenantId);
  const { counts } = await product.loaded(tenantId);
  for (let pass = 0; pass < WARM_UP; pass++) await product.sync(tenantId);
  await warm();
  const cpuMs: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = process.cpuUsage();
    for (let pass = 0; pass < PASSES; pass++) await product.sync(tenantId);
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1000 / PASSES);
  }
  return {
    incidents: counts.incidents,
    passes: BATCHES * PASSES,
    cpuMsOfPasses: cpuMs,
    messages: product.messages.length,
  };
});
