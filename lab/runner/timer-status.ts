import { RestError } from '@azure/core-rest-pipeline';
import type { ContainerClient } from '@azure/storage-blob';
import type { Log } from './log.ts';
import { messageOf } from './runner-error.ts';
import type { Settings } from './settings.ts';
import type { Storage } from './storage.ts';

/** What is known of a timer's occurrences, in milliseconds since 1970 UTC; `last` absent before the first. */
export interface TimerStatus {
  readonly last: number | undefined;
  readonly next: number;
  readonly lastUpdated: number;
}

/** Keeps timers' status, so that an occurrence missed while the host was down is noticed. */
export interface TimerStatusStore {
  load(functionName: string): Promise<TimerStatus | undefined>;
  save(functionName: string, status: TimerStatus): Promise<void>;
}

const CONTAINER = 'azure-webjobs-hosts';
/** How .NET writes a date that was never set. */
const NEVER = '0001-01-01T00:00:00';

/**
 * The store the host uses: blobs `timers/<host id>/Host.Functions.<name>/status` in the container
 * `azure-webjobs-hosts` of AzureWebJobsStorage. While storage does not answer, status is forgotten and the
 * log says so.
 * https://learn.microsoft.com/azure/azure-functions/storage-considerations#shared-storage-accounts
 */
export function createTimerStatusStore(deps: {
  readonly storage: Storage;
  readonly hostId: string;
  readonly log: Log;
}): TimerStatusStore {
  let opening: Promise<ContainerClient> | undefined;

  return {
    async load(functionName) {
      try {
        const blob = (await open()).getBlobClient(blobName(functionName));
        return fromJson((await blob.downloadToBuffer()).toString('utf8'));
      } catch (error) {
        if (!(error instanceof RestError && error.statusCode === 404)) warn(functionName, 'read', error);
        return undefined;
      }
    },
    async save(functionName, status) {
      try {
        const text = toJson(status);
        await (await open()).getBlockBlobClient(blobName(functionName)).upload(text, Buffer.byteLength(text));
      } catch (error) {
        warn(functionName, 'written', error);
      }
    },
  };

  function open(): Promise<ContainerClient> {
    opening ??= openContainer().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function openContainer(): Promise<ContainerClient> {
    const container = await deps.storage.container('AzureWebJobsStorage', CONTAINER);
    await container.createIfNotExists();
    return container;
  }

  function blobName(functionName: string): string {
    return `timers/${deps.hostId}/Host.Functions.${functionName}/status`;
  }

  function warn(functionName: string, verb: string, error: unknown): void {
    const message = `the timer's status cannot be ${verb}: ${messageOf(error)}`;
    deps.log({ level: 'warning', source: 'runner', functionName, message });
  }
}

/** Status for as long as the process lives, for an app without AzureWebJobsStorage. */
export function createMemoryStatusStore(): TimerStatusStore {
  const kept = new Map<string, TimerStatus>();
  return {
    load: async (functionName) => kept.get(functionName),
    save: async (functionName, status) => void kept.set(functionName, status),
  };
}

/**
 * The id under which an app keeps its status: `AzureFunctionsWebHost__hostid`, else the site's name cut to
 * 32 characters, else `local`. https://learn.microsoft.com/azure/azure-functions/storage-considerations#host-id-considerations
 */
export function hostIdOf(settings: Settings): string {
  const id = settings.get('AzureFunctionsWebHost__hostid') ?? settings.get('WEBSITE_SITE_NAME') ?? 'local';
  return id.toLowerCase().slice(0, 32).replace(/-+$/, '');
}

/** A time as .NET writes it into JSON. */
export function dotnetTime(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return NEVER;
  return new Date(milliseconds).toISOString().replace(/(\.000)?Z$/, '+00:00');
}

function toJson(status: TimerStatus): string {
  const { last, next, lastUpdated } = status;
  return JSON.stringify({
    Last: dotnetTime(last),
    Next: dotnetTime(next),
    LastUpdated: dotnetTime(lastUpdated),
  });
}

function fromJson(text: string): TimerStatus {
  const status = JSON.parse(text) as Record<'Last' | 'Next' | 'LastUpdated', string>;
  const last = status.Last.startsWith('0001-') ? undefined : Date.parse(status.Last);
  return { last, next: Date.parse(status.Next), lastUpdated: Date.parse(status.LastUpdated) };
}
