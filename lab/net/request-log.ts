/** One request that the front answered. Holds no header, no body and no secret. */
export interface LoggedRequest {
  /** The lab's time, ISO 8601 UTC. */
  readonly time: string;
  /** Name of the stand-in, `unknown` for a host that nobody answers for. */
  readonly service: string;
  readonly tenant: string | undefined;
  readonly method: string;
  /** Path and query; values of parameters that are not known to be harmless are left out. */
  readonly path: string;
  readonly status: number;
  /** Real milliseconds from the request's head to its answer. */
  readonly ms: number;
  /** The connection was cut instead of a whole answer. */
  readonly cut?: boolean;
  /** What the stand-in says of it, such as the hash of a hunt. */
  readonly note?: string;
  /** Why the lab itself could not answer: a defect of the lab. */
  readonly problem?: string;
}

/** How many requests a service has had for a tenant since the lab started. */
export interface RequestCount {
  readonly service: string;
  readonly tenant: string | undefined;
  readonly calls: number;
}

export interface RequestLog {
  add(entry: LoggedRequest): void;
  /** The last entries, oldest first. */
  entries(): readonly LoggedRequest[];
  counts(): readonly RequestCount[];
  /** Calls to these services, of one tenant when it is given. */
  callsTo(services: readonly string[], tenant?: string): number;
}

/** Keeps the last `size` requests (default 5,000) and counts all of them. */
export function createRequestLog(size = 5000): RequestLog {
  const kept: LoggedRequest[] = [];
  const counts = new Map<string, { service: string; tenant: string | undefined; calls: number }>();
  return {
    add(entry) {
      kept.push(entry);
      if (kept.length > size) kept.shift();
      const key = `${entry.service} ${entry.tenant ?? ''}`;
      const count = counts.get(key) ?? { service: entry.service, tenant: entry.tenant, calls: 0 };
      count.calls += 1;
      counts.set(key, count);
    },
    entries: () => [...kept],
    counts: () => [...counts.values()].map((count) => ({ ...count })),
    callsTo(services, tenant) {
      let calls = 0;
      for (const count of counts.values()) {
        const counted = services.includes(count.service) && (tenant === undefined || tenant === count.tenant);
        if (counted) calls += count.calls;
      }
      return calls;
    },
  };
}

const HARMLESS = new Set(['comp', 'restype', 'api-version', 'prefix', 'maxresults', 'timeout']);

/** A request target fit for a log: values of unknown query parameters become `…`. */
export function loggedPath(target: string): string {
  const [path = '', query] = target.split('?', 2);
  if (query === undefined || query === '') return path;
  const shown = query.split('&').map((pair) => {
    const name = pair.split('=', 1)[0] ?? '';
    const isShown = name.startsWith('$') || name.startsWith('%24') || HARMLESS.has(name.toLowerCase());
    return isShown ? pair : `${name}=…`;
  });
  return `${path}?${shown.join('&')}`;
}
