import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { LabAnswer } from '../../../lab/service.ts';
import { API, CLI, createLab, HOME, type Lab, tokenRequest } from './fixture.ts';
import { byService, createVisitor, type Visit, type Visitor } from './visitor.ts';

/** The home tenant's analyst, and the customer's admin. */
export const ANA = 'ana@contoso.example';
export const ADAM = 'adam@fabrikam.example';
export const REDIRECT = 'http://localhost:4711';
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** Over the fields that are sound; undefined takes one away. */
type Fields = Readonly<Record<string, string | undefined>>;

/** The address at which the command line has a user sign in. */
export function addressOf(parameters: Fields = {}, tenant = HOME): URL {
  const url = new URL(`https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`);
  const fields = {
    client_id: CLI,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: `api://${API}/access_as_user openid profile offline_access`,
    state: '12<345>',
    nonce: 'once',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...parameters,
  };
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}

/** What the application is told in the address that the browser is sent back to. */
export const parameter = ({ location }: Visit, name: string): string =>
  location?.searchParams.get(name) ?? '';
export const bodyOf = (answer: LabAnswer) => answer.body as Record<string, string>;
export const claimsOf = (answer: LabAnswer) => decodeJwt(bodyOf(answer).access_token ?? '');

export interface SignInRig {
  readonly lab: Lab;
  readonly visitor: Visitor;
  /** A code that a user has been sent back with. */
  codeFor(parameters?: Fields, user?: string): Promise<string>;
  redeem(code: string, form?: Fields, tenant?: string): Promise<LabAnswer>;
  refresh(refreshToken: string | undefined, form?: Fields): Promise<LabAnswer>;
}

/** A lab, a person with a browser and the command line that they sign in to. */
export function createSignInRig(): SignInRig {
  const lab = createLab();
  const visitor = createVisitor(byService(lab.entra.service));

  function token(form: Fields, tenant = HOME): Promise<LabAnswer> {
    const fields = { client_id: CLI, client_secret: undefined, scope: undefined, ...form };
    return lab.entra.service.handle(tokenRequest(fields, { tenant }));
  }

  return {
    lab,
    visitor,
    codeFor: async (parameters = {}, user = ANA) =>
      parameter(await visitor.signIn(addressOf(parameters), user), 'code'),
    redeem: (code, form = {}, tenant) =>
      token(
        { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER, ...form },
        tenant,
      ),
    refresh: (refreshToken, form = {}) =>
      token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...form }),
  };
}
