import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, newPipeline } from '@azure/storage-blob';
import { isOutriderError } from '../errors.ts';
import type { StreamingBlobStore } from '../storage.ts';
import { agentFactories } from './http-client.ts';
import { storageError } from './storage-errors.ts';

const TRY_MS = 30_000;
const TRIES = 4;
const JSON_HEADERS = { blobContentType: 'application/json', blobContentEncoding: 'gzip' };
const NDJSON_HEADERS = { blobContentType: 'application/x-ndjson', blobContentEncoding: 'gzip' };

/** A container of Azure Blob storage. It is created on first use when missing. */
export function createBlobStore(options: {
  readonly uri: string;
  readonly container: string;
  readonly credential: TokenCredential;
}): StreamingBlobStore {
  const pipeline = newPipeline(options.credential, {
    retryOptions: { maxTries: TRIES, tryTimeoutInMs: TRY_MS },
  });
  pipeline.factories.unshift(...agentFactories());
  const service = new BlobServiceClient(options.uri, pipeline);
  const container = service.getContainerClient(options.container);

  async function call<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw storageError(error, what);
    }
  }

  /** Writes; where the container is not there yet, makes it and writes again. */
  async function write(name: string, work: () => Promise<unknown>): Promise<void> {
    const attempt = (): Promise<unknown> => call(`blob ${name}`, work);
    try {
      await attempt();
    } catch (error) {
      if (!isContainerMissing(error)) throw error;
      await call(`container ${options.container}`, () => container.createIfNotExists());
      await attempt();
    }
  }

  return {
    put: (name, content, metadata) =>
      write(name, () =>
        container.getBlockBlobClient(name).upload(content, content.byteLength, {
          ...(metadata ? { metadata } : {}),
          blobHTTPHeaders: JSON_HEADERS,
        }),
      ),

    create(name) {
      const client = container.getBlockBlobClient(name);
      return {
        async stage(block) {
          const id = randomUUID();
          // Ids are base64 of texts of one length, as the service wants them.
          const blockId = Buffer.from(id).toString('base64');
          await write(name, () => client.stageBlock(blockId, block, block.byteLength));
          return blockId;
        },
        commit: (blocks, metadata) =>
          write(name, () =>
            client.commitBlockList([...blocks], {
              ...(metadata ? { metadata } : {}),
              blobHTTPHeaders: NDJSON_HEADERS,
            }),
          ),
      };
    },

    async *read(name, { from = 0, to } = {}) {
      if (to !== undefined && to <= from) return;
      const count = to === undefined ? undefined : to - from;
      const what = `blob ${name}`;
      const { readableStreamBody } = await call(what, () =>
        container.getBlobClient(name).download(from, count, { maxRetryRequests: TRIES }),
      );
      try {
        for await (const chunk of readableStreamBody ?? [])
          yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      } catch (error) {
        throw storageError(error, what);
      }
    },

    async get(name) {
      try {
        return await call(`blob ${name}`, () => container.getBlobClient(name).downloadToBuffer());
      } catch (error) {
        if (isOutriderError(error, 'storage.not_found')) return undefined;
        throw error;
      }
    },

    async *list(prefix) {
      const pages = container.listBlobsFlat({ prefix }).byPage();
      for (;;) {
        const next = await call(`container ${options.container}`, () => pages.next()).catch(noContainer);
        if (next.done) return;
        yield next.value.segment.blobItems.map(({ name, properties }) => ({
          name,
          // Lists name ETags without the quotes that a condition needs.
          etag: `"${properties.etag.replaceAll('"', '')}"`,
          modifiedMs: properties.lastModified.getTime(),
        }));
      }
    },

    async deleteIf(name, etag) {
      try {
        await call(`blob ${name}`, () =>
          container.getBlobClient(name).delete({ conditions: { ifMatch: etag } }),
        );
        return true;
      } catch (error) {
        if (isOutriderError(error, 'storage.conflict', 'storage.not_found')) return false;
        throw error;
      }
    },
  };
}

function isContainerMissing(error: unknown): boolean {
  return isOutriderError(error, 'storage.not_found') && error.facts.serviceCode === 'ContainerNotFound';
}

/** A container that nobody has written to yet has no blobs. */
function noContainer(error: unknown): { done: true; value: undefined } {
  if (isContainerMissing(error)) return { done: true, value: undefined };
  throw error;
}
