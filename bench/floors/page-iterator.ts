import { TableClient } from '@azure/data-tables';
import { ContainerClient } from '@azure/storage-blob';
import { Client, type PageCollection, PageIterator } from '@microsoft/microsoft-graph-client';

type Incident = Readonly<Record<string, string>>;
type Places = 'graph' | 'graphToken' | 'table' | 'blob' | 'token' | 'tenantId';

/**
 * What most people write first: Microsoft's own client reads the list with its PageIterator, and each incident is
 * written as it is, one upsert a row and one blob each. The incidents of a page are written all at the same time.
 */
export async function loadNaively(order: Readonly<Record<Places, string>>): Promise<number> {
  const token = { token: order.token, expiresOnTimestamp: Date.now() + 3_600_000 };
  const table = new TableClient(order.table, 'Naive', { getToken: async () => token });
  const blobs = new ContainerClient(`${order.blob}/naive`, { getToken: async () => token });
  await Promise.all([table.createTable(), blobs.createIfNotExists()]);
  const client = Client.init({
    baseUrl: order.graph,
    customHosts: new Set([new URL(order.graph).hostname]),
    authProvider: (done) => done(null, order.graphToken),
  });
  const first: PageCollection = await client.api('/security/incidents').top(50).expand('alerts').get();
  let page: Incident[] = [];
  // False: stop after each page's last incident, so that it can be written before the next one is fetched.
  const iterator = new PageIterator(client, first, (incident: Incident) => page.push(incident) < 50);
  let count = 0;
  for (await iterator.iterate(); page.length > 0; await iterator.resume()) {
    await Promise.all(page.map((incident) => write(table, blobs, order.tenantId, incident)));
    count += page.length;
    page = [];
    if (iterator.isComplete()) break;
  }
  return count;
}

async function write(
  table: TableClient,
  blobs: ContainerClient,
  partitionKey: string,
  incident: Incident,
): Promise<void> {
  const { id, status, lastUpdateDateTime } = incident;
  const text = JSON.stringify(incident);
  await blobs.getBlockBlobClient(`${partitionKey}/${id}.json`).upload(text, Buffer.byteLength(text));
  const texts = Object.entries(incident).filter(([, value]) => typeof value === 'string');
  const lists = status === 'resolved' || status === 'redirected' ? ['t'] : ['t', 'o'];
  const keys = [`c|${id}`, ...lists.map((list) => `${list}|${lastUpdateDateTime}|${id}`), `h|${id}`];
  for (const rowKey of keys)
    await table.upsertEntity({ ...Object.fromEntries(texts), partitionKey, rowKey }, 'Replace');
}
