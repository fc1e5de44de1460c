import { costOf, type Operations, PRICES } from './operations.ts';

/** Requests of all kinds together. */
export function operationsIn({ table, blob, queue }: Operations): number {
  const { rowsWritten: _inTransactions, ...requests } = table;
  return [requests, blob, queue].flatMap((group) => Object.values(group)).reduce((a, b) => a + b, 0);
}

/** US dollars of all of them. */
export function dollarsOf(operations: Operations): number {
  const { table, blob, queue } = costOf(operations);
  return table + blob + queue;
}

/** Where the prices are from. */
export const PRICE_NOTE =
  "US dollars for 10,000 operations: list prices of West US, standard general-purpose v2, LRS, hot tier, as quoted by public sources looked up on 2026-11-21 (named in bench/day/operations.ts). Capacity and the host's own operations (the timer's lease, scaling) are not in it.";

/** What each service was asked, with its price: a line for each. */
export function priceLines(operations: Operations): readonly string[] {
  const { table, blob, queue } = operations;
  const cost = costOf(operations);
  const rowByRow = (table.rowsWritten / 10_000) * PRICES.table;
  return [
    `tables, ${dollars(PRICES.table)}: ${count(table.get)} reads of a row, ${count(table.query)} queries, ${count(table.transaction)} transactions: ${dollars(cost.table)}. A transaction is billed as one operation; its ${count(table.rowsWritten)} row writes one by one would be ${dollars(rowByRow)}.`,
    `blobs, ${dollars(PRICES.blob.write)} to write or list and ${dollars(PRICES.blob.read)} to read: ${count(blob.write)} written, ${count(blob.read)} read, ${count(blob.list)} lists, ${count(blob.delete)} deleted (free): ${dollars(cost.blob)}`,
    `queue, ${dollars(PRICES.queue)}: ${count(queue.send)} sent, ${count(queue.receive)} looks for messages, ${count(queue.delete)} deleted, ${count(queue.update)} kept hidden: ${dollars(cost.queue)}`,
  ];
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

export function dollars(value: number): string {
  return `$${Number(value.toPrecision(2))}`;
}
