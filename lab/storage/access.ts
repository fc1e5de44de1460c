import { storageJson, storageXml } from '../net/fault-answer.ts';
import type { LabAnswer, LabCaller, LabRequest, TokenJudge, Verdict } from '../service.ts';
import type { StorageKind } from './azurite.ts';

export type StorageCallerRule = (caller: LabCaller, kind: StorageKind) => boolean;

export interface StorageAccess {
  readonly account: string;
  readonly tenantId: string;
  readonly judge: TokenJudge;
  readonly mayUse: StorageCallerRule;
}

type Reason = Extract<Verdict, { ok: false }>['reason'];

const DETAILS: Readonly<Record<Reason, string>> = {
  missing: 'No token was sent.',
  malformed: 'The token is malformed.',
  signature: 'Signature validation failed. Signature verification failed.',
  expired: 'Lifetime validation failed. The token is expired.',
  audience: 'Audience validation failed. Audience did not match.',
  issuer: 'Issuer validation failed. Issuer did not match.',
};
const UNAUTHENTICATED =
  'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.';
const UNAUTHORIZED = 'This request is not authorized to perform this operation using this permission.';

/**
 * Answers in place of the account when the caller's token does not hold (401) or its identity has no role
 * on the account (403), as Azure Storage does:
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
 */
export async function refuseCaller(
  kind: StorageKind,
  request: LabRequest,
  { account, tenantId, judge, mayUse }: StorageAccess,
): Promise<LabAnswer | undefined> {
  const audiences = [
    'https://storage.azure.com',
    'https://storage.azure.com/',
    `https://${account}.${kind}.core.windows.net`,
    `https://${account}.${kind}.core.windows.net/`,
  ];
  const verdict = await judge.verify(request.headers.authorization, audiences);
  if (!verdict.ok) return unauthenticated(kind, tenantId, verdict.reason);
  if (verdict.caller.tenantId !== tenantId) return unauthenticated(kind, tenantId, 'issuer');
  if (mayUse(verdict.caller, kind)) return undefined;
  return { status: 403, ...errorBody(kind, 'AuthorizationPermissionMismatch', UNAUTHORIZED) };
}

function unauthenticated(kind: StorageKind, tenantId: string, reason: Reason): LabAnswer {
  const code = reason === 'missing' ? 'NoAuthenticationInformation' : 'InvalidAuthenticationInfo';
  const { headers, body } = errorBody(kind, code, UNAUTHENTICATED, DETAILS[reason]);
  const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`;
  return { status: 401, headers: { ...headers, 'www-authenticate': challenge }, body };
}

function errorBody(kind: StorageKind, code: string, message: string, detail?: string) {
  return kind === 'table' ? storageJson(code, message) : storageXml(code, message, detail);
}
