import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Instances } from './instances.ts';
import type { StoredReader } from './stored-tenant.ts';

/** Not one of the deployment's. */
const STRANGER = '99999999-9999-4999-8999-999999999999';
/** Azure takes 64 KiB; what is around the text needs some of it. */
const HUGE = 47_000;
/** Far deeper, and the Functions library itself fails before any function of ours is called. */
const DEEP = 1_000;
const WITHIN_MS = 30_000;
/** Messages that come round again would do so by then: a failed one is shown again at once where it can be. */
const QUIET_MS = 1_500;

/** Texts that no sync sends: to be noted and let go. */
const FOREIGN: readonly string[] = [
  randomBytes(300).toString('base64'),
  randomBytes(300)
    .toString('latin1')
    .replaceAll(/[^\x20-\xff]/g, '.'),
  '{"v":1,"tenant":',
  '{"v":2,"tenant":"11111111-2222-4333-8444-555555555555"}',
  '{"v":1,"tenant":"../../x"}',
  '7',
  Buffer.from('{"topic":"/subscriptions/x","eventType":"Microsoft.Storage.BlobCreated"}').toString('base64'),
  '<QueueMessage><MessageText>x</MessageText></QueueMessage>',
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  'x'.repeat(HUGE),
];

/** What came of messages that are not ours. */
export interface ForeignMessages {
  readonly sent: number;
  /** How often the app said that it let one go. */
  readonly noted: number;
  /** Messages left in the poison queue. */
  readonly leftPoisoned: number;
}

/** Sends messages that are not ours to both queues, and waits for what becomes of them. */
export async function sendForeignMessages(
  reader: StoredReader,
  { told }: Pick<Instances, 'told'>,
): Promise<ForeignMessages> {
  const stranger = JSON.stringify({ v: 1, tenant: STRANGER });
  const noted = (): number =>
    (told['sync.foreign_message'] ?? 0) + (told['sync.unknown_tenant'] ?? 0) + (told['sync.poisoned'] ?? 0);
  const before = noted();
  const queue = reader.queue('outrider-sync');
  const poison = reader.queue('outrider-sync-poison');
  await poison.createIfNotExists();
  const toSync = [...FOREIGN, stranger];
  const toPoison = ['garbage', stranger];
  for (const text of toSync) await queue.sendMessage(text);
  for (const text of toPoison) await poison.sendMessage(text);
  const sent = toSync.length + toPoison.length;
  const giveUpAt = Date.now() + WITHIN_MS;
  while (noted() - before < sent && Date.now() < giveUpAt) await wait(100);
  await wait(QUIET_MS);
  const { approximateMessagesCount = 0 } = await poison.getProperties();
  return { sent, noted: noted() - before, leftPoisoned: approximateMessagesCount };
}
