import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { storageError } from '../../shared/state/storage-errors.ts';

function refusalWith(statusCode: number, code: string): RestError {
  const request = createPipelineRequest({ url: 'https://account.table.core.windows.net/' });
  const headers = createHttpHeaders({ 'x-ms-error-code': code, 'x-ms-request-id': 'request 1' });
  return new RestError('What the service says.', {
    statusCode,
    response: { request, headers, status: statusCode },
  });
}

test.each([
  [507, 'InsufficientStorage', 'storage.full'],
  [403, 'AccountIsDisabled', 'storage.full'],
  [403, 'InsufficientAccountPermissions', 'storage.full'],
  [409, 'AccountBeingCreated', 'storage.full'],
  [409, 'AccountCapacityExceeded', 'storage.full'],
  [403, 'StorageAccountQuotaExceeded', 'storage.full'],
  [403, 'AuthorizationPermissionMismatch', 'storage.refused'],
  [401, 'InvalidAuthenticationInfo', 'storage.refused'],
  [404, 'TableNotFound', 'storage.not_found'],
  [409, 'EntityAlreadyExists', 'storage.conflict'],
  [412, 'UpdateConditionNotSatisfied', 'storage.conflict'],
  [413, 'RequestBodyTooLarge', 'storage.unavailable'],
  [500, 'OperationTimedOut', 'storage.unavailable'],
  [503, 'ServerBusy', 'storage.unavailable'],
])('%i %s is %s, and the text names both what was asked for and why not', (status, serviceCode, code) => {
  const error = storageError(refusalWith(status, serviceCode), 'row s');
  expect(error).toMatchObject({ code, facts: { status, serviceCode, trackingId: 'request 1' } });
  expect(error.message).toContain('row s');
  if (code === 'storage.full' || code === 'storage.unavailable') expect(error.message).toContain(serviceCode);
});
