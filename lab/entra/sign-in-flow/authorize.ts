import { randomUUID } from 'node:crypto';
import type { LabAnswer } from '../../service.ts';
import { AadstsError, type AadstsProblem } from '../aadsts.ts';
import { type ClaimsRequest, readClaimsRequest } from '../claims-request.ts';
import type { SignInCloud } from '../clouds.ts';
import { type Directory, type DirectoryApp, type DirectoryTenant, findApp } from '../directory.ts';
import { badChallenge, redirectMismatch, responseTypeRefused } from '../flow-problems.ts';
import { required } from '../grants/grant.ts';
import { invalidParameter, unknownApp } from '../problems.ts';
import type { AuthorizationCodes, CodeChallenge } from './authorization-codes.ts';
import type { Interactions } from './interactions.ts';
import { isRegistered, type ResponseMode, type ReturnAddress, sendBack } from './redirect.ts';

export interface AuthorizeOptions {
  readonly directory: Directory;
  readonly codes: AuthorizationCodes;
  readonly interactions: Interactions;
}

export interface AuthorizeCall {
  /** Query, or the form of a POST. */
  readonly parameters: URLSearchParams;
  /** Undefined: `organizations` or `common`. */
  readonly tenant: DirectoryTenant | undefined;
  readonly cloud: SignInCloud;
}

/**
 * `/{tenant}/oauth2/v2.0/authorize`: a sign-in by pages that ends with a code for the application.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
 * @throws AadstsError for what the application cannot be told, as nobody knows whether it is its address
 */
export function authorize(
  { directory, codes, interactions }: AuthorizeOptions,
  { parameters, tenant, cloud }: AuthorizeCall,
): LabAnswer {
  const app = appOf(directory, required(parameters, 'client_id'), tenant);
  const back = returnAddress(app, parameters);
  const fail = (problem: AadstsProblem): LabAnswer => sendBack(back, errorFields(problem));
  let wanted: Wanted;
  try {
    wanted = readWanted(parameters);
  } catch (error) {
    if (!(error instanceof AadstsError)) throw error;
    return fail(error.problem);
  }
  return interactions.start({
    app,
    cloud,
    tenant,
    scope: wanted.scope,
    contexts: wanted.claims.contexts,
    loginHint: parameters.get('login_hint') ?? undefined,
    prompt: parameters.get('prompt') ?? undefined,
    fail,
    succeed({ user, tenant: place, signIn }) {
      const code = codes.issue({
        appId: app.appId,
        tenantId: place.id,
        userId: user.id,
        redirectUri: back.redirectUri,
        scope: wanted.scope,
        nonce: parameters.get('nonce') ?? undefined,
        challenge: wanted.challenge,
        signIn,
        claims: wanted.claims,
      });
      return sendBack(back, { code, session_state: randomUUID() });
    },
  });
}

function appOf(directory: Directory, appId: string, tenant: DirectoryTenant | undefined): DirectoryApp {
  const app = findApp(directory, appId);
  if (app === undefined) throw new AadstsError(unknownApp(appId, tenant?.name ?? 'any'));
  return app;
}

/** @throws AadstsError 50011, 900144 */
function returnAddress(app: DirectoryApp, parameters: URLSearchParams): ReturnAddress {
  const { redirectUris: registered = [] } = app;
  const redirectUri = parameters.get('redirect_uri') ?? registered[0] ?? '';
  if (!isRegistered(registered, redirectUri)) {
    throw new AadstsError(redirectMismatch(redirectUri, app.appId));
  }
  const mode = parameters.get('response_mode') ?? 'query';
  if (!isResponseMode(mode)) throw new AadstsError(invalidParameter('response_mode', mode));
  return { redirectUri, mode, state: parameters.get('state') ?? undefined };
}

function isResponseMode(mode: string): mode is ResponseMode {
  return mode === 'query' || mode === 'fragment' || mode === 'form_post';
}

interface Wanted {
  readonly scope: string;
  readonly claims: ClaimsRequest;
  readonly challenge: CodeChallenge | undefined;
}

/** @throws AadstsError 700051, 900144, 501491, 90013 */
function readWanted(parameters: URLSearchParams): Wanted {
  const responseType = required(parameters, 'response_type');
  if (responseType !== 'code') throw new AadstsError(responseTypeRefused(responseType));
  return {
    scope: required(parameters, 'scope'),
    claims: readClaimsRequest(parameters.get('claims')),
    challenge: readChallenge(parameters),
  };
}

function readChallenge(parameters: URLSearchParams): CodeChallenge | undefined {
  const value = parameters.get('code_challenge');
  const method = parameters.get('code_challenge_method') ?? 'plain';
  if (value === null) return undefined;
  const isWellFormed = /^[\w.~-]{43,128}$/.test(value);
  if (!isWellFormed || (method !== 'S256' && method !== 'plain')) throw new AadstsError(badChallenge());
  return { method, value };
}

function errorFields({ number, error, text, suberror }: AadstsProblem): Record<string, string> {
  return {
    error,
    error_description: `AADSTS${number}: ${text}`,
    ...(suberror === undefined ? {} : { error_subcode: suberror }),
  };
}
