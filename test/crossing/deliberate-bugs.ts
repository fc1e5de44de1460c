/** A bug put into one source file when it is loaded. Every text to find must be there, exactly once. */
export interface CrossingBug {
  readonly name: string;
  /** Below shared/. */
  readonly file: string;
  readonly edits: readonly { readonly find: string; readonly put: string }[];
}

/** The classic ways to mix up tenants, each of which the proof must notice. */
export const CROSSING_BUGS: readonly CrossingBug[] = [
  {
    name: 'all calls share one headers object',
    file: 'clients/attempt.ts',
    edits: [
      {
        find: "const headers = createHttpHeaders({ accept: 'application/json', ...call.headers });",
        put: "const headers = (shared.headers ??= createHttpHeaders({ accept: 'application/json', ...call.headers }));",
      },
      {
        find: 'const EVERY_STATUS: ReadonlySet<number>',
        put: 'const shared: { headers?: ReturnType<typeof createHttpHeaders> } = {};\nconst EVERY_STATUS: ReadonlySet<number>',
      },
    ],
  },
  {
    name: 'the tenant is missing in the key under which tokens are kept',
    file: 'auth/token-source.ts',
    edits: [
      { find: 'kept.get(tenant.id)', put: 'kept.get(tenant.credential.kind)' },
      { find: 'kept.set(tenant.id, made)', put: 'kept.set(tenant.credential.kind, made)' },
    ],
  },
  {
    name: 'the partition is taken from the continuation token',
    file: 'incidents/list-incidents.ts',
    edits: [
      {
        find: 'last && continuation.tokenFor(last.key)',
        put: "last && [continuation.tokenFor(last.key), query.tenant].join('.')",
      },
      {
        find: 'next: continuation.tokenFor(last.key)',
        put: "next: [continuation.tokenFor(last.key), query.tenant].join('.')",
      },
      { find: 'continuation.keyOf(query.token)', put: "continuation.keyOf(query.token.split('.')[0] ?? '')" },
      { find: 'partition: query.tenant,', put: "partition: query.token?.split('.')[1] ?? query.tenant," },
    ],
  },
];

/** @throws Error when the source no longer has a text that the bug replaces, or has it more than once */
export function withBug(source: string, { name, file, edits }: CrossingBug): string {
  return edits.reduce((text, { find, put }) => {
    const parts = text.split(find);
    if (parts.length === 2) return parts.join(put);
    throw new Error(
      `The bug “${name}” finds “${find}” ${parts.length - 1} times in shared/${file}; it must be once.`,
    );
  }, source);
}
