import type { JumpingClock } from '../support/jumping-clock.ts';
import type { MemoryStore } from '../support/memory-store.ts';

interface Delivery<Message> {
  readonly message: Message;
  readonly atMs: number;
  readonly count: number;
}

export interface HostQueue<Message> {
  /** A message that is there at once. */
  add(message: Message): void;
  /**
   * Delivers messages until there are none, each to as many instances at once as told; the latest time is a bound
   * for work that does not end.
   */
  settle(options: { readonly mostMs: number; copiesOf(message: Message): number }): Promise<void>;
}

const MOST_DELIVERIES = 5;

/**
 * Queues as the Functions host reads them: what is sent to the store is delivered when its delay is over, again when
 * the invocation fails or its instance is gone, and is poisoned in the end.
 */
export function createHostQueue<Message>({
  clock,
  store,
  visibleAgainMs,
  messageOf,
  handle,
  poison,
}: {
  readonly clock: JumpingClock;
  readonly store: Pick<MemoryStore, 'messages'>;
  /** After how long a message comes again. */
  readonly visibleAgainMs: number;
  readonly messageOf: (text: string) => Message;
  /** `leave` is for an instance that is gone: nobody waits for its work. */
  readonly handle: (message: Message, leave: () => void) => Promise<unknown>;
  readonly poison: (message: Message) => Promise<void>;
}): HostQueue<Message> {
  const pending: Delivery<Message>[] = [];
  let taken = 0;

  function collect(): void {
    for (; taken < store.messages.length; taken += 1) {
      const { text = '', delaySeconds = 0 } = store.messages[taken] ?? {};
      pending.push({ message: messageOf(text), atMs: clock.now() + delaySeconds * 1_000, count: 1 });
    }
  }

  async function deliver({ message, count }: Delivery<Message>): Promise<void> {
    try {
      const { promise: left, resolve: leave } = Promise.withResolvers<'left'>();
      const work = handle(message, () => leave('left'));
      work.catch(() => {});
      if ((await Promise.race([work, left])) !== 'left') return;
    } catch {}
    if (count < MOST_DELIVERIES)
      pending.push({ message, atMs: clock.now() + visibleAgainMs, count: count + 1 });
    else await poison(message);
  }

  return {
    add: (message) => void pending.push({ message, atMs: clock.now(), count: 1 }),
    async settle({ mostMs, copiesOf }) {
      const untilMs = clock.now() + mostMs;
      for (collect(); pending.length > 0; collect()) {
        pending.sort((a, b) => a.atMs - b.atMs);
        const next = pending.shift();
        if (!next) return;
        if (next.atMs > untilMs) throw new Error('messages go on and on');
        clock.advance(Math.max(0, next.atMs - clock.now()));
        const copies = Array.from({ length: copiesOf(next.message) }, () => deliver(next));
        await clock.run(Promise.all(copies));
      }
    },
  };
}
