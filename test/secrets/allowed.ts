import type { SecretKind } from '../../lab/leak-watch/notes.ts';

/** A place that is about a secret, so that the secret may show there. */
export interface Allowance {
  /** Of what was seen, as its header says. */
  readonly what: RegExp;
  readonly kinds: readonly SecretKind[];
  /** Only on behalf of this test; of any when missing. */
  readonly by?: RegExp;
  readonly why: string;
}

/** Tokens of one second, tenant or app have claims in common, so where one of them may show all kinds may. */
const TOKENS: readonly SecretKind[] = ['access token', 'id token', 'client assertion', 'user assertion'];

export const ALLOWED: readonly Allowance[] = [
  {
    what: /^stdout of \S+\/outrider\.js lab token\b/,
    kinds: TOKENS,
    why: 'the command is there to print a token that a caller of the API can use in the lab',
  },
  {
    what: /^stdout of \S+\/outrider\.js token show\b.* --raw\b/,
    kinds: TOKENS,
    why: 'the option prints the token itself, alone on stdout',
  },
  {
    what: /^stdout of \S+\/outrider\.js lab env\b/,
    kinds: ['managed identity header'],
    why: 'the command prints the app settings of the lab, and IDENTITY_HEADER is one of them in Azure, too',
  },
  {
    what: /^std(out|err) of -c unset \w+\n/,
    kinds: ['managed identity header'],
    by: /^test\/cli\/lab-running\.lab\.test\.ts$/,
    why: 'the test has a shell evaluate what `outrider lab env` has printed, in its command line',
  },
  {
    what: /^answer of the function create-invitation$/,
    kinds: ['invitation link'],
    why: 'the link is shown to whoever makes the invitation, there and nowhere else',
  },
  {
    what: /^stdout of \S+\/outrider\.js (?:lab exec -- outrider )?tenants invite\b/,
    kinds: ['invitation link'],
    why: 'the command prints the link that it has made',
  },
  {
    what: /^answer of the function onboard-tenant$/,
    kinds: ["browser's cookie"],
    why: 'a cookie is given to the browser that is to keep it',
  },
  {
    what: /^answer of the function /,
    kinds: TOKENS,
    by: /^test\/fuzz\//,
    why: 'one of its deliberate bugs echoes the token; its own oracle looks for tokens in every answer',
  },
  {
    what: /^std(out|err) of \S+\/vitest\.mjs run --config \S+\/test\/secrets\/fixtures\//,
    kinds: TOKENS,
    by: /^test\/secrets\/leaky-run\.lab\.test\.ts$/,
    why: 'a token is planted there',
  },
];

export function isAllowed({ what, by, kind }: { what: string; by: string; kind: SecretKind }): boolean {
  return ALLOWED.some(
    (allowance) =>
      allowance.what.test(what) && allowance.kinds.includes(kind) && (allowance.by?.test(by) ?? true),
  );
}
