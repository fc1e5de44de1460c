import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { type BlobItem, BlobServiceClient, newPipeline } from '@azure/storage-blob';
import { isOutriderError } from '../errors.ts';
import type { StreamingBlobStore } from '../storage.ts';
import { agentFactories } from './http-client.ts';
import { CALL_MS, pagesWithinTime, stepWithinTime, withinTime } from './within-time.ts';

const TRY_MS = 30_000;
const TRIES = 4;
const JSON_HEADERS = { blobContentType: 'application/json', blobContentEncoding: 'gzip' };
const NDJSON_HEADERS = { blobContentType: 'application/x-ndjson', blobContentEncoding: 'gzip' };

/** A container of Azure Blob storage. It is created on first use when missing. */
export function createBlobStore(options: {
  readonly uri: string;
  readonly container: string;
  readonly credential: TokenCredential;
  /** For one call, in milliseconds. Default 60 s. */
  readonly callMs?: number;
}): StreamingBlobStore {
  const { callMs = CALL_MS } = options;
  const pipeline = newPipeline(options.credential, {
    retryOptions: { maxTries: TRIES, tryTimeoutInMs: TRY_MS },
  });
  pipeline.factories.unshift(...agentFactories());
  const service = new BlobServiceClient(options.uri, pipeline);
  const container = service.getContainerClient(options.container);

  const call = <Result>(what: string, work: (abortSignal: AbortSignal) => Promise<Result>): Promise<Result> =>
    withinTime(what, callMs, work);

  /** Writes; where the container is not there yet, makes it and writes again. */
  async function write(name: string, work: (abortSignal: AbortSignal) => Promise<unknown>): Promise<void> {
    const attempt = (): Promise<unknown> => call(`blob ${name}`, work);
    try {
      await attempt();
    } catch (error) {
      if (!isContainerMissing(error)) throw error;
      await call(`container ${options.container}`, (abortSignal) =>
        container.createIfNotExists({ abortSignal }),
      );
      await attempt();
    }
  }

  return {
    put: (name, content, metadata) =>
      write(name, (abortSignal) =>
        container.getBlockBlobClient(name).upload(content, content.byteLength, {
          abortSignal,
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
          await write(name, (abortSignal) =>
            client.stageBlock(blockId, block, block.byteLength, { abortSignal }),
          );
          return blockId;
        },
        commit: (blocks, metadata) =>
          write(name, (abortSignal) =>
            client.commitBlockList([...blocks], {
              abortSignal,
              ...(metadata ? { metadata } : {}),
              blobHTTPHeaders: NDJSON_HEADERS,
            }),
          ),
      };
    },

    async *read(name, { from = 0, to } = {}) {
      if (to !== undefined && to <= from) return;
      const count = to === undefined ? undefined : to - from;
      const stop = new AbortController();
      const step = { what: `blob ${name}`, ms: callMs, stop };
      const { readableStreamBody } = await stepWithinTime(step, () =>
        container
          .getBlobClient(name)
          .download(from, count, { abortSignal: stop.signal, maxRetryRequests: TRIES }),
      );
      const chunks = readableStreamBody?.[Symbol.asyncIterator]();
      if (!chunks) return;
      try {
        for (;;) {
          const next = await stepWithinTime(step, () => chunks.next());
          if (next.done) return;
          yield typeof next.value === 'string' ? Buffer.from(next.value) : next.value;
        }
      } finally {
        // Not awaited: behind a read that never ends it would not end either.
        chunks.return?.().catch(() => {});
      }
    },

    async get(name) {
      try {
        return await call(`blob ${name}`, (abortSignal) =>
          container.getBlobClient(name).downloadToBuffer(0, undefined, { abortSignal }),
        );
      } catch (error) {
        if (isOutriderError(error, 'storage.not_found')) return undefined;
        throw error;
      }
    },

    async *list(prefix) {
      const pages = pagesWithinTime(`container ${options.container}`, callMs, (abortSignal) =>
        container.listBlobsFlat({ prefix, abortSignal }).byPage(),
      );
      try {
        for await (const { segment } of pages) yield segment.blobItems.map(listedBlob);
      } catch (error) {
        // A container that nobody has written to yet has no blobs.
        if (!isContainerMissing(error)) throw error;
      }
    },

    async deleteIf(name, etag) {
      try {
        await call(`blob ${name}`, (abortSignal) =>
          container.getBlobClient(name).delete({ abortSignal, conditions: { ifMatch: etag } }),
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

function listedBlob({ name, properties }: BlobItem): { name: string; etag: string; modifiedMs: number } {
  return {
    name,
    // Lists name ETags without the quotes that a condition needs.
    etag: `"${properties.etag.replaceAll('"', '')}"`,
    modifiedMs: properties.lastModified.getTime(),
  };
}
