import { type RunContext, reading } from './context.ts';
import { hasLarge } from './large-incidents.ts';
import type { Page, ReceivedIncident, Slice } from './ports.ts';

/** A first page of a slice to ask for. */
interface Wanted {
  readonly window: Slice;
  readonly top: number;
  readonly withAlerts: boolean;
}

/** The next slice's page, on its way while the one before is being stored. Stages nothing: it may come to nothing. */
export interface ReadAhead {
  /** Asks for a page that will probably be wanted next. Never for tenants with large incidents: two pages are held. */
  start(wanted: Wanted): void;
  /** The page: the one that was asked for ahead where it is that one, or else read now. */
  page(wanted: Wanted): Promise<Page<ReceivedIncident> | undefined>;
  /** A page is there, or on its way, that nobody has asked for yet. What was read is stored: it may not read so again. */
  readonly pending: boolean;
  /** Gives up what is still on its way; nothing goes on after a run. */
  stop(): Promise<void>;
}

export function createReadAhead(context: RunContext): ReadAhead {
  let ahead: { readonly wanted: Wanted; readonly page: ReturnType<typeof read> } | undefined;
  const stopped = new AbortController();

  function read({ window, top, withAlerts }: Wanted): Promise<Page<ReceivedIncident> | undefined> {
    const signal = AbortSignal.any([stopped.signal, ...(context.signal ? [context.signal] : [])]);
    return firstPage(context.source.incidentPages({ ...reading(context), signal, window, top, withAlerts }));
  }

  return {
    start(wanted) {
      if (hasLarge(context) || context.overBudget()) return;
      const page = read(wanted);
      // Whether it failed is told to whoever asks for it, if anyone.
      page.catch(() => {});
      ahead = { wanted, page };
    },
    page(wanted) {
      const found = ahead && isSame(ahead.wanted, wanted) ? ahead.page : undefined;
      ahead = undefined;
      return found ?? read(wanted);
    },
    get pending() {
      return ahead !== undefined;
    },
    async stop() {
      stopped.abort();
      await ahead?.page.catch(() => {});
    },
  };
}

function isSame(a: Wanted, b: Wanted): boolean {
  const sameWindow = a.window.from === b.window.from && a.window.to === b.window.to;
  return sameWindow && a.top === b.top && a.withAlerts === b.withAlerts;
}

/** The first page of a list, or undefined where there is no list. */
export async function firstPage<Item>(
  pages: AsyncIterable<Page<Item>> | undefined,
): Promise<Page<Item> | undefined> {
  if (!pages) return undefined;
  for await (const page of pages) return page;
  return undefined;
}
