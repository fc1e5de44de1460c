import { loadNaively } from '../floors/page-iterator.ts';
import { job } from './job.ts';

/** The same first load by PageIterator. */
await job(async ({ addresses, dataSet, tenantIds }) => {
  let incidents = 0;
  for (const tenantId of tenantIds)
    incidents += await loadNaively({ ...addresses, graphToken: dataSet, tenantId });
  return { incidents };
});
