import { OutriderError } from '../../shared/errors.ts';
import type { IncidentSource, Page, ReceivedIncident, Window } from '../../shared/incidents/ports.ts';
import { isOneTick } from '../../shared/incidents/stretches.ts';
import type { BlobStore, QueueSender, TableStore } from '../../shared/storage.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import type { ModelSource } from '../support/model-source.ts';
import type { Gate } from './conductor.ts';
import { contentOfText } from './content.ts';
import type { Port, Settings } from './schedule.ts';

/** What an answer with alerts said of an incident. */
export interface SeenContent {
  readonly id: string;
  readonly content: string;
}

interface SourceOptions {
  readonly gate: Gate;
  readonly model: ModelSource;
  readonly settings: Settings;
  /** `$expand=alerts` has its troubles. */
  readonly expandFails: () => boolean;
  readonly note: (hazard: string) => void;
  /** A read is complete: what it saw must be kept, if the run ends well. */
  readonly seen: (contents: readonly SeenContent[]) => void;
  /** A run was refused alerts for good, or for one incident. */
  readonly notExpanded: (id: string) => void;
}

/** The model's live list behind the gate, with the troubles of `$expand`. */
export function gatedSource(options: SourceOptions): IncidentSource {
  const { gate, model, settings, expandFails, note, seen, notExpanded } = options;
  const tooMany = (alerts: number, most: number): boolean =>
    expandFails() && settings.family === 'graph' && alerts > most;

  function checkExpand(page: Page<ReceivedIncident>): void {
    const alerts = page.items.reduce((sum, { alertCount = 0 }) => sum + alertCount, 0);
    if (!tooMany(alerts, settings.mostAlerts)) return;
    note('$expand fails');
    throw new OutriderError('upstream.unavailable', 'too many alerts to expand');
  }

  async function* gatedPages<Item>(
    pages: AsyncIterator<Page<Item>>,
    first: Port,
    inspect: (page: Page<Item>) => void,
  ): AsyncGenerator<Page<Item>> {
    for (let port = first; ; port = 'next') {
      const { value, twice } = await gate(port, async () => {
        const next = await pages.next();
        if (!next.done) inspect(next.value);
        return next;
      });
      if (value.done) return;
      yield value.value;
      if (twice) yield value.value;
      if (!value.value.hasMore) return;
    }
  }

  const source: IncidentSource = {
    family: settings.family,
    maxTop: settings.maxTop,
    incidentPages(query) {
      const shifts = shiftsOf(model, query.window, note);
      return gatedPages(model.incidentPages(query)[Symbol.asyncIterator](), 'list', (page) => {
        checkExpand(page);
        shifts(page);
        if (!isProbe(query.window, page)) seen(whole(page.items));
      });
    },
    async incident(query) {
      const { value } = await gate('get', async () => {
        const answer = await model.incident(query);
        if (tooMany(answer.incident?.alertCount ?? 0, settings.mostAlerts * 2)) {
          note('$expand fails for one incident');
          throw new OutriderError('upstream.too_large', 'too many alerts');
        }
        seen(whole(answer.incident ? [answer.incident] : []));
        return answer;
      }).catch((error: unknown) => {
        notExpanded(query.id);
        throw error;
      });
      return value;
    },
  };
  const { alertPages } = model;
  if (settings.family === 'xdr' || !alertPages) return source;
  return {
    ...source,
    alertPages: (query) =>
      gatedPages(alertPages(query)[Symbol.asyncIterator](), 'alerts', shiftsOf(model, query.window, note)),
    ...(settings.joins ? { joinAlerts } : {}),
  };

  async function joinAlerts({
    incident,
  }: {
    readonly incident: ReceivedIncident;
  }): Promise<ReceivedIncident> {
    const { value } = await gate('join', async () => {
      const answer = await model.incident({ tenant: '', id: incident.id });
      return answer.incident ?? incident;
    });
    note('alerts joined');
    return value.alertCount === undefined ? value : { ...value, alertsJoined: true };
  }
}

/** The first page of a slice that does not fit is no completed read: it is dropped and the slice halved. */
function isProbe(window: Window, page: Page<unknown>): boolean {
  const { from, to } = window;
  return to !== undefined && page.hasMore && !isOneTick({ from, to });
}

function whole(items: readonly ReceivedIncident[]): SeenContent[] {
  return items
    .filter(({ alertCount }) => alertCount !== undefined)
    .map(({ id, text }) => ({ id, content: contentOfText(text) }));
}

/** Watches whether a list shifts between two of its pages. */
function shiftsOf(model: ModelSource, { from, to }: Window, note: (hazard: string) => void) {
  const before = new Set<string>();
  return ({ items }: Page<{ readonly id: string }>): void => {
    if (items.some(({ id }) => before.has(id))) note('page repeats an item');
    for (const id of before) {
      const listed = model.incidents.get(id)?.lastUpdate ?? [...alertTimes(model, id)][0];
      const inside = listed !== undefined && listed >= from && (to === undefined || listed < to);
      if (!inside) note(to === undefined ? 'page skips an item' : 'page of a slice skips an item');
    }
    for (const { id } of items) before.add(id);
  };
}

function* alertTimes(model: ModelSource, id: string): Generator<string> {
  for (const { alerts } of model.incidents.values())
    for (const alert of alerts) if (alert.id === id) yield alert.lastUpdate;
}

/** Azure Storage in memory, behind the gate. */
export function gatedStore(
  gate: Gate,
  store: MemoryStore,
): { table: TableStore; blobs: BlobStore; queue: QueueSender } {
  const through = async <Value>(port: Port, work: () => Value | Promise<Value>): Promise<Value> =>
    (await gate(port, work)).value;

  async function* gatedList<Item>(port: Port, list: AsyncIterable<Item>): AsyncGenerator<Item> {
    const pages = list[Symbol.asyncIterator]();
    for (;;) {
      const next = await through(port, () => pages.next());
      if (next.done) return;
      yield next.value;
    }
  }

  const { table, blobs, queue } = store;
  return {
    table: {
      get: (partition, key) => through('row', () => table.get(partition, key)),
      range: (partition, from, to, options) => gatedList('range', table.range(partition, from, to, options)),
      transact: (partition, writes) => through('transact', () => table.transact(partition, writes)),
    },
    blobs: {
      put: (name, content, metadata) => through('put', () => blobs.put(name, content, metadata)),
      get: (name) => through('blob', () => blobs.get(name)),
      list: (prefix) => gatedList('blobs', blobs.list(prefix)),
      deleteIf: (name, etag) => through('blobs', () => blobs.deleteIf(name, etag)),
    },
    queue: { send: (text, options) => through('send', () => queue.send(text, options)) },
  };
}
