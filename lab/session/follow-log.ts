import type { LoggedRequest, RequestLog } from '../net/request-log.ts';

/** Gives, at each call, the requests that have come since the one before. */
export function followLog(log: RequestLog): () => readonly LoggedRequest[] {
  let last: LoggedRequest | undefined;
  return () => {
    const entries = log.entries();
    const fresh = last === undefined ? entries : entries.slice(entries.lastIndexOf(last) + 1);
    last = entries.at(-1) ?? last;
    return fresh;
  };
}
