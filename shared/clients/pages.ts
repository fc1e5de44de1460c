import type { Page } from '../incidents/ports.ts';
import type { Answer, Call } from './call.ts';
import { type Collection, readCollection } from './raw-json.ts';
import type { Transport } from './transport.ts';
import { linkRefused, unusable } from './upstream-error.ts';

/** A list longer than this does not end. */
export const MAX_PAGES = 10_000;

/** One page as read: the answer it came in, and what is in it. */
export interface RawPage extends Collection {
  readonly call: Call;
  readonly answer: Answer;
}

/**
 * The pages of a list by the service's own links, each read only when asked for. A link is followed only to the
 * origin it came from, over https.
 *
 * @throws OutriderError `upstream.unusable_answer` for a page that is none, a link that was followed before, or a
 * list without end; `upstream.link_refused`, `upstream.link_expired` and whatever `Transport.send` throws.
 */
export async function* linkedPages(transport: Transport, first: Call): AsyncGenerator<RawPage> {
  const followed = new Set([first.url]);
  let call: Call | undefined = first;
  while (call) {
    const page = await readPage(transport, call);
    yield page;
    call = page.nextLink === undefined ? undefined : linkCall(call, page.nextLink);
    if (!call) return;
    if (followed.has(call.url)) throw unusable(call, 'its links go in a circle');
    if (followed.size >= MAX_PAGES) throw unusable(call, `the list does not end after ${MAX_PAGES} pages`);
    followed.add(call.url);
  }
}

/** Reads one page. */
export async function readPage(transport: Transport, call: Call): Promise<RawPage> {
  const answer = await transport.send(call);
  return { call, answer, ...usable(call, () => readCollection(answer.text)) };
}

/**
 * The call that follows a link of an answer to `call`; a relative link counts from that call's URL. The transport
 * refuses it if it leads to another origin.
 */
export function linkCall(call: Call, link: string): Call {
  const url = URL.parse(link, call.url);
  if (!url) throw linkRefused(call);
  return { ...call, url: url.href, followsLink: true, expected: undefined };
}

/** Runs a reader of the answer's text; what it cannot read is `upstream.unusable_answer`. */
export function usable<T>(call: Call, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) throw unusable(call, 'not the JSON that is documented');
    throw error;
  }
}

/** The page as the sync sees it. */
export function pageOf<Item>({ answer }: RawPage, items: readonly Item[], hasMore: boolean): Page<Item> {
  return { items, serviceTime: answer.serviceTime, hasMore, bytes: answer.bytes };
}
