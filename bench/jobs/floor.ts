import { load } from '../floors/first-load.ts';
import { job } from './job.ts';

/** As in the product: blobs of one page that are written at the same time. */
const BLOBS_AT_ONCE = 8;

/** The floor of a first load, with transactions as large as the product's are on average. */
await job(async ({ addresses, dataSet, tenantIds, perTransaction = 99 }) => {
  let incidents = 0;
  for (const tenantId of tenantIds) {
    const order = { ...addresses, graphToken: dataSet, tenantId, perTransaction, blobsAtOnce: BLOBS_AT_ONCE };
    incidents += await load(order);
  }
  return { incidents };
});
