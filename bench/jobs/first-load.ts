import { job } from './job.ts';
import { createProduct } from './ours.ts';

/** The product's first load of one or more tenants at once. */
await job(async ({ addresses, dataSet, tenantIds }) => {
  const product = createProduct({ addresses, dataSet, tenantIds });
  await Promise.all(tenantIds.map(product.sync));
  let incidents = 0;
  for (const tenantId of tenantIds) incidents += (await product.loaded(tenantId)).counts.incidents;
  return { incidents };
});
