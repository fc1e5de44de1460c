import { isRestError } from '@azure/core-rest-pipeline';
import { isOutriderError, OutriderError, toOutriderError } from '../errors.ts';

interface ServiceFault {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly trackingId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/**
 * The account takes no more writes, whoever asks: it is full, disabled or being made. The names up to the `$` are on
 * https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes; that page has none for an account
 * without room, so whatever speaks of a quota, a limit or capacity is taken for one.
 */
const FULL =
  /^(?:AccountBeingCreated|AccountIsDisabled|InsufficientAccountPermissions)$|QuotaExceeded|LimitExceeded|CapacityExceeded|InsufficientStorage/;

/**
 * The coded error of a failed storage call. What the account, row or blob is called is in `what`; no key, token or
 * request header gets into text or cause.
 */
export function storageError(error: unknown, what: string): OutriderError {
  if (isOutriderError(error)) return error;
  if (!isRestError(error)) return toOutriderError(error);
  const fault = faultOf(error);
  const facts = {
    cause: new Error(`${fault.code ?? error.code ?? 'no code'}: ${what}`),
    ...(fault.status === undefined ? {} : { status: fault.status }),
    ...(fault.code === undefined ? {} : { serviceCode: fault.code }),
    ...(fault.trackingId === undefined ? {} : { trackingId: fault.trackingId }),
    ...(fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs }),
  };
  if (fault.status === 507 || (fault.code !== undefined && FULL.test(fault.code))) {
    return new OutriderError(
      'storage.full',
      `The storage account takes no more writes (${fault.code ?? fault.status}), so ${what} was not written. Make room in the account or raise its limits, and see that it is not disabled; Outrider then goes on by itself.`,
      facts,
    );
  }
  switch (fault.status) {
    case 409:
    case 412:
      return new OutriderError('storage.conflict', `Something else changed ${what} meanwhile.`, facts);
    case 404:
      return new OutriderError('storage.not_found', `${what} is not in storage.`, facts);
    case 401:
    case 403:
      return new OutriderError(
        'storage.refused',
        `Azure Storage refused access to ${what} (${fault.code ?? fault.status}). Outrider's storage identity needs Storage Blob, Queue and Table Data Contributor on the account, and the network must be allowed in.`,
        facts,
      );
  }
  return new OutriderError(
    'storage.unavailable',
    `Azure Storage did not serve ${what} (${fault.code ?? error.code ?? fault.status ?? 'no answer'}). It is tried again.`,
    facts,
  );
}

function faultOf(error: {
  code?: string;
  statusCode?: number;
  details?: unknown;
  response?: { headers: { get(name: string): string | undefined } };
}): ServiceFault {
  const details = (error.details ?? {}) as {
    errorCode?: string;
    odataError?: { code?: string };
  };
  const header = (name: string): string | undefined => error.response?.headers.get(name);
  const retryAfter = Number(header('retry-after'));
  return {
    status: error.statusCode,
    // The parts of a table transaction name theirs on the error itself; without a status that is the network's.
    code:
      details.errorCode ??
      details.odataError?.code ??
      header('x-ms-error-code') ??
      (error.statusCode === undefined ? undefined : error.code),
    trackingId: header('x-ms-request-id'),
    retryAfterMs: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1000 : undefined,
  };
}
