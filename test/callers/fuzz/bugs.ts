/** A bug put into sources below shared/ when they are loaded. Every text to find must be there, exactly once. */
export interface CallersBug {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly find: string; readonly put: string }[];
}

const AUTHENTICATE = 'http/authenticate.ts';
const AUTHORIZE = 'http/authorize.ts';
const CLAIMS = 'http/caller-of-claims.ts';
const ISSUERS = 'http/issuers.ts';
const REACH = 'http/reach.ts';

/** The classic ways to let somebody in, each of which the series must notice. */
export const CALLERS_BUGS: readonly CallersBug[] = [
  {
    name: 'the audience is ignored',
    edits: [{ file: AUTHENTICATE, find: 'audience: [', put: 'ignored: [' }],
  },
  {
    name: 'the issuer is ignored',
    edits: [
      { file: AUTHENTICATE, find: '...expected, issuer, currentDate', put: '...expected, currentDate' },
      { file: ISSUERS, find: 'isGuid(id) && issuersOf(cloud, id).includes(claimed)', put: 'isGuid(id)' },
    ],
  },
  {
    name: 'the directory is not compared with the issuer',
    edits: [
      { file: AUTHENTICATE, find: 'if (claims.tid !== directory)', put: 'if (claims.tid === undefined)' },
    ],
  },
  {
    name: 'an expired token is accepted',
    edits: [{ file: AUTHENTICATE, find: 'clockTolerance: SKEW_SECONDS', put: 'clockTolerance: 1_000_000' }],
  },
  {
    name: 'any directory is a customer’s',
    edits: [
      {
        file: ISSUERS,
        find: 'return tenant?.enabled === true && tenant.cloud === cloud.name ? directory : undefined;',
        put: 'return tenant?.cloud === undefined ? directory : directory;',
      },
    ],
  },
  {
    name: 'a suspended customer’s directory is one still',
    edits: [{ file: ISSUERS, find: 'tenant?.enabled === true', put: 'tenant !== undefined' }],
  },
  {
    name: 'one directory’s keys are good for all',
    edits: [{ file: AUTHENTICATE, find: 'keysOf(directory)', put: 'keysOf(api.tenantId)' }],
  },
  {
    name: 'groups of tenants are ignored',
    edits: [
      {
        file: REACH,
        find: 'return groups.some((name) => reach.names.has(name.toLowerCase()));',
        put: 'return groups.length >= 0;',
      },
    ],
  },
  {
    name: 'whoever is given no group sees all tenants',
    edits: [
      {
        file: REACH,
        find: 'const all = tenantGroups === undefined ||',
        put: 'const all = names.size === 0 ||',
      },
    ],
  },
  {
    name: 'a customer’s caller sees all tenants',
    edits: [{ file: REACH, find: 'return id === reach.id;', put: "return id !== '';" }],
  },
  {
    name: 'a customer’s caller may do what is the deployment’s',
    edits: [{ file: AUTHORIZE, find: '!CUSTOMER_ACTIONS.has(action)', put: 'action === undefined' }],
  },
  {
    name: 'a user’s roles do without the scope',
    edits: [
      { file: AUTHORIZE, find: '!caller.scopes.includes(USER_SCOPE)', put: 'caller.objectId === USER_SCOPE' },
    ],
  },
  {
    name: 'an ID token is taken for an access token',
    edits: [
      { file: CLAIMS, find: 'if (!isText(claims.azp) && !isText(claims.appid))', put: "if (oid === '')" },
    ],
  },
  {
    name: 'a token in front of another one is enough',
    edits: [
      {
        file: AUTHENTICATE,
        find: '([A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+)$/i',
        put: '([A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+)/i',
      },
    ],
  },
  {
    name: 'a header of App Service is believed',
    edits: [
      {
        file: 'http/route.ts',
        find: "return await app.authenticate(request.headers.get('authorization'));",
        put: [
          "if (request.headers.has('x-ms-client-principal-id'))",
          `  return { kind: 'app', tenantId: '1e1e1e1e-2222-4333-8444-555555555555', objectId: '55555555-3333-4333-8333-333333333333', roles: ['Incidents.Read'], scopes: [] };`,
          "return await app.authenticate(request.headers.get('authorization'));",
        ].join('\n'),
      },
    ],
  },
  {
    name: 'an odd token is a failure of ours',
    edits: [
      {
        file: 'http/token-refusal.ts',
        find: 'error instanceof errors.JWSSignatureVerificationFailed ||',
        put: '',
      },
    ],
  },
];

/** @throws Error when a source no longer has a text that the bug replaces, or has it more than once */
export function withBug(file: string, source: string, { name, edits }: CallersBug): string {
  return edits
    .filter((edit) => edit.file === file)
    .reduce((text, { find, put }) => {
      const parts = text.split(find);
      if (parts.length === 2) return parts.join(put);
      throw new Error(
        `The bug “${name}” finds “${find}” ${parts.length - 1} times in shared/${file}; it must be once.`,
      );
    }, source);
}
