import { odata, TableClient, type TransactionAction } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { isOutriderError } from '../errors.ts';
import type { Columns, Row, RowWrite, TableStore } from '../storage.ts';
import { createTableHttpClient } from './http-client.ts';
import { CALL_MS, pagesWithinTime, withinTime } from './within-time.ts';

const MOST_ROWS_A_PAGE = 1_000;

/** A table of Azure Table storage. It is created on first use when missing. */
export function createTableStore(options: {
  readonly uri: string;
  readonly table: string;
  readonly credential: TokenCredential;
  /** For one call, in milliseconds. Default 60 s; the caller's fence tells whether a write took effect. */
  readonly callMs?: number;
}): TableStore {
  const { callMs = CALL_MS } = options;
  const client = new TableClient(options.uri, options.table, options.credential, {
    httpClient: createTableHttpClient(),
  });
  const name = `table ${options.table}`;

  const call = <Result>(what: string, work: (abortSignal: AbortSignal) => Promise<Result>): Promise<Result> =>
    withinTime(what, callMs, work);

  async function createTable(): Promise<void> {
    await call(name, (abortSignal) => client.createTable({ abortSignal }));
  }

  return {
    async get(partition, key) {
      try {
        const entity = await call(`row ${key}`, (abortSignal) =>
          client.getEntity(partition, key, { abortSignal }),
        );
        return rowOf(entity);
      } catch (error) {
        if (isOutriderError(error, 'storage.not_found')) return undefined;
        throw error;
      }
    },

    async *range(partition, from, to, { pageSize = MOST_ROWS_A_PAGE, select } = {}) {
      const filter = odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}`;
      const columns = select ? { select: ['PartitionKey', 'RowKey', ...select] } : {};
      const pages = pagesWithinTime(name, callMs, (abortSignal) =>
        client
          .listEntities({ abortSignal, queryOptions: { filter, ...columns } })
          .byPage({ maxPageSize: pageSize }),
      );
      try {
        for await (const page of pages) yield page.map(rowOf);
      } catch (error) {
        // A table that nobody has written to yet has no rows.
        if (!isTableMissing(error)) throw error;
      }
    },

    async transact(partition, writes) {
      const actions = writes.map((write) => actionOf(partition, write));
      const submit = (): Promise<string> =>
        call(`rows of ${name}`, async (abortSignal) => {
          const { subResponses } = await client.submitTransaction(actions, { abortSignal });
          return subResponses[0]?.etag ?? '';
        });
      try {
        return await submit();
      } catch (error) {
        if (!isTableMissing(error)) throw error;
        await createTable().catch(ignoreConflict);
        return submit();
      }
    },
  };
}

function actionOf(partition: string, write: RowWrite): TransactionAction {
  const keys = { partitionKey: partition, rowKey: write.key };
  switch (write.op) {
    case 'insert':
      return ['create', { ...write.columns, ...keys }];
    case 'put':
      return ['upsert', { ...write.columns, ...keys }, 'Replace'];
    case 'replace':
      return ['update', { ...write.columns, ...keys }, 'Replace', { etag: write.etag }];
    case 'drop':
      return ['delete', keys];
  }
}

function rowOf(entity: Record<string, unknown>): Row {
  const { partitionKey: _p, rowKey, etag, timestamp: _t, 'odata.metadata': _m, ...columns } = entity;
  return { key: String(rowKey), etag: String(etag ?? ''), columns: columns as Columns };
}

function isTableMissing(error: unknown): boolean {
  return isOutriderError(error, 'storage.not_found') && error.facts.serviceCode === 'TableNotFound';
}

function ignoreConflict(error: unknown): void {
  if (!isOutriderError(error, 'storage.conflict')) throw error;
}
