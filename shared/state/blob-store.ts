import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, newPipeline } from '@azure/storage-blob';
import { isOutriderError } from '../errors.ts';
import type { BlobStore } from '../storage.ts';
import { agentFactories } from './http-client.ts';
import { storageError } from './storage-errors.ts';

const TRY_MS = 30_000;
const TRIES = 4;

/** A container of Azure Blob storage. It is created on first use when missing. */
export function createBlobStore(options: {
  readonly uri: string;
  readonly container: string;
  readonly credential: TokenCredential;
}): BlobStore {
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

  return {
    async put(name, content, metadata) {
      const upload = (): Promise<unknown> =>
        call(`blob ${name}`, () =>
          container.getBlockBlobClient(name).upload(content, content.byteLength, {
            ...(metadata ? { metadata } : {}),
            blobHTTPHeaders: { blobContentType: 'application/json', blobContentEncoding: 'gzip' },
          }),
        );
      try {
        await upload();
      } catch (error) {
        if (!isContainerMissing(error)) throw error;
        await call(`container ${options.container}`, () => container.createIfNotExists());
        await upload();
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
