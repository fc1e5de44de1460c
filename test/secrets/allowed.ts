import type { SecretKind } from '../../lab/leak-watch/notes.ts';

/** A place that is about a secret, so that the secret may show there. */
export interface Allowance {
  /** Of what was seen, as its header says. */
  readonly what: RegExp;
  readonly kinds: readonly SecretKind[];
  readonly why: string;
}

export const ALLOWED: readonly Allowance[] = [
  {
    what: /^stdout of \S+\/outrider\.js lab token\b/,
    kinds: ['access token'],
    why: 'the command is there to print a token that a caller of the API can use in the lab',
  },
  {
    what: /^stdout of \S+\/outrider\.js lab env\b/,
    kinds: ['managed identity header'],
    why: 'the command prints the app settings of the lab, and IDENTITY_HEADER is one of them in Azure, too',
  },
];

export function isAllowed(what: string, kind: SecretKind): boolean {
  return ALLOWED.some((allowance) => allowance.what.test(what) && allowance.kinds.includes(kind));
}
