/** What was asked of one tenant's endpoints, refused requests included. */
export interface RequestCounts {
  readonly discovery: number;
  readonly keys: number;
  readonly token: number;
}

export interface RequestCounter {
  /** Counts of a tenant since the start or the last reset. */
  of(tenantId: string): RequestCounts;
  /** Instance discovery concerns no tenant. */
  instanceDiscovery(): number;
  reset(): void;
}

export interface CountingHand {
  readonly counter: RequestCounter;
  count(tenantId: string, kind: keyof RequestCounts): void;
  countInstanceDiscovery(): void;
}

const NONE: RequestCounts = { discovery: 0, keys: 0, token: 0 };

export function createRequestCounter(): CountingHand {
  const counts = new Map<string, RequestCounts>();
  let instances = 0;
  const of = (tenantId: string): RequestCounts => counts.get(tenantId.toLowerCase()) ?? NONE;
  return {
    counter: {
      of,
      instanceDiscovery: () => instances,
      reset() {
        counts.clear();
        instances = 0;
      },
    },
    count(tenantId, kind) {
      const before = of(tenantId);
      counts.set(tenantId.toLowerCase(), { ...before, [kind]: before[kind] + 1 });
    },
    countInstanceDiscovery() {
      instances += 1;
    },
  };
}
