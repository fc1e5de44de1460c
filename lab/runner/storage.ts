import type { TokenCredential } from '@azure/identity';
import type { ContainerClient } from '@azure/storage-blob';
import type { QueueServiceClient } from '@azure/storage-queue';
import { RunnerError } from './runner-error.ts';
import type { Settings } from './settings.ts';
import { readStorageConnection, type StorageConnection } from './storage-connection.ts';

/** The storage accounts that the app's connections name. Libraries are loaded on first use. */
export interface Storage {
  queue(connection: string, queueName: string): Promise<Queue>;
  container(connection: string, containerName: string): Promise<ContainerClient>;
}

/** One queue; the text of a message is what is on the wire. */
export interface Queue {
  /** True when the queue was not there. */
  createIfMissing(): Promise<boolean>;
  receive(count: number, visibilitySeconds: number): Promise<readonly ReceivedMessage[]>;
  /** Hides a message for that long from now on and returns its new pop receipt. */
  hide(id: string, popReceipt: string, visibilitySeconds: number): Promise<string>;
  delete(id: string, popReceipt: string): Promise<void>;
  send(text: string): Promise<void>;
}

export interface ReceivedMessage {
  readonly id: string;
  readonly popReceipt: string;
  readonly text: string;
  readonly dequeueCount: number;
  readonly insertedOn: Date;
  readonly expiresOn: Date;
  readonly nextVisibleOn: Date;
}

export function createStorage(settings: Settings): Storage {
  const services = new Map<string, Promise<QueueServiceClient>>();

  return {
    async queue(connection, queueName) {
      const service =
        services.get(connection) ?? connectQueues(readStorageConnection(settings, connection), connection);
      services.set(connection, service);
      return openQueue(await service, queueName);
    },
    container: (connection, containerName) =>
      connectContainer(readStorageConnection(settings, connection), connection, containerName),
  };
}

async function connectQueues(connection: StorageConnection, name: string): Promise<QueueServiceClient> {
  const { QueueServiceClient: Client } = await import('@azure/storage-queue');
  if (connection.kind === 'connectionString') return Client.fromConnectionString(connection.connectionString);
  if (connection.queueUri === undefined)
    throw new RunnerError(`set ${name}__queueServiceUri or ${name}__accountName`);
  return new Client(connection.queueUri, await credentialOf(connection.clientId));
}

async function connectContainer(
  connection: StorageConnection,
  name: string,
  container: string,
): Promise<ContainerClient> {
  const { BlobServiceClient } = await import('@azure/storage-blob');
  if (connection.kind === 'connectionString') {
    return BlobServiceClient.fromConnectionString(connection.connectionString).getContainerClient(container);
  }
  if (connection.blobUri === undefined)
    throw new RunnerError(`set ${name}__blobServiceUri or ${name}__accountName`);
  return new BlobServiceClient(
    connection.blobUri,
    await credentialOf(connection.clientId),
  ).getContainerClient(container);
}

/** The App Service managed identity, from IDENTITY_ENDPOINT and IDENTITY_HEADER. */
async function credentialOf(clientId: string | undefined): Promise<TokenCredential> {
  const { ManagedIdentityCredential } = await import('@azure/identity');
  return clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId });
}

function openQueue(service: QueueServiceClient, queueName: string): Queue {
  const client = service.getQueueClient(queueName);
  return {
    createIfMissing: async () => (await client.createIfNotExists()).succeeded,
    async receive(count, visibilitySeconds) {
      const { receivedMessageItems } = await client.receiveMessages({
        numberOfMessages: count,
        visibilityTimeout: visibilitySeconds,
      });
      return receivedMessageItems.map((item) => ({ ...item, id: item.messageId, text: item.messageText }));
    },
    async hide(id, popReceipt, visibilitySeconds) {
      const updated = await client.updateMessage(id, popReceipt, undefined, visibilitySeconds);
      return updated.popReceipt ?? popReceipt;
    },
    async delete(id, popReceipt) {
      await client.deleteMessage(id, popReceipt);
    },
    async send(text) {
      await client.sendMessage(text);
    },
  };
}
