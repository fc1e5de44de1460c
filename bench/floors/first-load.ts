import { TableClient, type TransactionAction } from '@azure/data-tables';
import { ContainerClient } from '@azure/storage-blob';

type Incident = Readonly<Record<string, string>>;
type Places = 'graph' | 'graphToken' | 'table' | 'blob' | 'token' | 'tenantId';

/**
 * The least that a first load can be: pages fetched and parsed, as many rows, transactions and blobs as the product
 * writes, as many of them at once; the next page is fetched meanwhile. Nothing is compared, hashed, compressed, kept
 * exact or safe from a crash. `perTransaction` rows go into a transaction, the row of the state not counted.
 */
export async function load(
  order: Readonly<Record<Places, string>> & { readonly perTransaction: number; readonly blobsAtOnce: number },
): Promise<number> {
  const { graph, graphToken, tenantId, perTransaction, blobsAtOnce } = order;
  const token = { token: order.token, expiresOnTimestamp: Date.now() + 3_600_000 };
  const table = new TableClient(order.table, 'Floor', { getToken: async () => token });
  const blobs = new ContainerClient(`${order.blob}/floor`, { getToken: async () => token });
  await Promise.all([table.createTable(), blobs.createIfNotExists()]);
  const headers = { authorization: `Bearer ${graphToken}`, prefer: 'include-unknown-enum-members' };
  const read = async (url: string) => JSON.parse(await (await fetch(url, { headers })).text());
  let count = 0;
  let next = read(`${graph}/v1.0/security/incidents?$top=50&$expand=alerts`);
  for (let link: string | undefined = 'first'; link; ) {
    const page = await next;
    link = page['@odata.nextLink'];
    if (link) next = read(link);
    const incidents = page.value as Incident[];
    const queue = incidents.values();
    const upload = async () => {
      for (const incident of queue) {
        const text = JSON.stringify(incident);
        await blobs
          .getBlockBlobClient(`${tenantId}/${incident.id}.json`)
          .upload(text, Buffer.byteLength(text));
      }
    };
    await Promise.all(Array.from({ length: blobsAtOnce }, upload));
    const rows = incidents.flatMap((incident) => rowsOf(tenantId, incident));
    const state = { partitionKey: tenantId, rowKey: 's', at: link ?? 'done' };
    for (let at = 0; at < rows.length; at += perTransaction)
      await table.submitTransaction([['upsert', state], ...rows.slice(at, at + perTransaction)]);
    count += incidents.length;
  }
  return count;
}

/** The record, its places in the lists, and its history. */
function rowsOf(partitionKey: string, incident: Incident): TransactionAction[] {
  const { id, status, lastUpdateDateTime } = incident;
  const texts = Object.entries(incident).filter(([, value]) => typeof value === 'string');
  const lists = status === 'resolved' || status === 'redirected' ? ['t'] : ['t', 'o'];
  const keys = [`c|${id}`, ...lists.map((list) => `${list}|${lastUpdateDateTime}|${id}`), `h|${id}`];
  return keys.map((rowKey) => ['upsert', { ...Object.fromEntries(texts), partitionKey, rowKey }]);
}
