import { describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { OutriderError } from '../../shared/errors.ts';
import { probesFor } from '../../shared/health-probes.ts';

const config = readConfig({ AzureWebJobsStorage__accountName: 'outrider' });
const nothing = async (): Promise<undefined> => undefined;
const refuse = (): Promise<never> =>
  Promise.reject(new OutriderError('storage.refused', 'Azure Storage refused access.'));

type Part = 'table' | 'blobs' | 'queue';

/** The probe of an account of which one service refuses. */
function storageProbe(refusing?: Part) {
  const answer = (part: Part) => (part === refusing ? refuse : nothing);
  const { storage } = probesFor(config, {
    storage: {
      table: () => ({ get: answer('table') }),
      blobs: () => ({ get: answer('blobs') }),
      queue: () => ({ check: answer('queue') }),
    },
    vault: undefined,
    tenants: { check: nothing },
  });
  return storage?.(AbortSignal.timeout(1_000));
}

describe('health of the storage account', () => {
  it('is well when rows, blobs and queues answer', async () => {
    await expect(storageProbe()).resolves.toBeUndefined();
  });

  it.each(['table', 'blobs', 'queue'] as const)('is not well when it refuses: %s', async (part) => {
    await expect(storageProbe(part)).rejects.toMatchObject({ code: 'storage.refused' });
  });
});
