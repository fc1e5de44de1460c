/** A bug put into one source file. Every text to find must be there, exactly once. */
export interface SourceBug {
  readonly name: string;
  readonly file: string;
  readonly edits: readonly { readonly find: string; readonly put: string }[];
}

/** One that is put in when the file, named from the root of the repository, is loaded. */
export interface CrossingBug extends SourceBug {
  /** What notices it: the play of tenants and their people, or that of persons at the command line. */
  readonly play: 'crossing' | 'persons';
  /** How it shows. */
  readonly sign: RegExp;
}

const OF_ANOTHER_TENANT = /^(crossing-\d{3}|person-\d{3}-\d by sign-in \d+) calls with the token of /;
const OF_ANOTHER_PERSON = /^person-\d{3}-\d by sign-in \d+ calls with the token of person-/;
const WHO = '[assertion.tenantId, assertion.objectId, digestOf(assertion.text())]';

/** The classic ways to mix up tenants and users, each of which the proof must notice. */
export const CROSSING_BUGS: readonly CrossingBug[] = [
  {
    name: 'all calls share one headers object',
    play: 'crossing',
    sign: OF_ANOTHER_TENANT,
    file: 'shared/clients/attempt.ts',
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
    play: 'crossing',
    sign: /^crossing-\d{3} calls with the token of crossing-/,
    file: 'shared/auth/token-source.ts',
    edits: [
      { find: 'kept.get(tenant.id)', put: 'kept.get(tenant.credential.kind)' },
      { find: 'kept.set(tenant.id, made)', put: 'kept.set(tenant.credential.kind, made)' },
    ],
  },
  {
    name: 'the partition is taken from the continuation token',
    play: 'crossing',
    sign: /^the list of crossing-\d{3} shows /,
    file: 'shared/incidents/list-incidents.ts',
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
  {
    name: 'the user is missing in the key under which tokens in users’ names are kept',
    play: 'crossing',
    sign: OF_ANOTHER_PERSON,
    file: 'shared/auth/user-token-key.ts',
    edits: [{ find: WHO, put: '[assertion.tenantId]' }],
  },
  {
    name: 'the tenant is missing in the key under which tokens in users’ names are kept',
    play: 'crossing',
    sign: OF_ANOTHER_PERSON,
    file: 'shared/auth/user-token-key.ts',
    edits: [
      { find: WHO, put: '[assertion.objectId]' },
      { find: '[user, tenant.id, resource, clientId]', put: '[user, resource, clientId]' },
    ],
  },
  {
    name: 'the tenant is missing where a person’s kept token is looked for',
    play: 'persons',
    sign: /^person-\d asks for .* and gets /,
    file: 'cli/sign-in/person.ts',
    edits: [
      { find: 'isGuid(tenant) ? { ...account, tenantId: tenant } : account', put: 'account' },
      { find: 'checkTenant(accessToken, tenant);', put: '' },
    ],
  },
];

/** @throws Error when the source no longer has a text that the bug replaces, or has it more than once */
export function withBug(source: string, { name, file, edits }: SourceBug): string {
  return edits.reduce((text, { find, put }) => {
    const parts = text.split(find);
    if (parts.length === 2) return parts.join(put);
    throw new Error(
      `The bug “${name}” finds “${find}” ${parts.length - 1} times in ${file}; it must be once.`,
    );
  }, source);
}
