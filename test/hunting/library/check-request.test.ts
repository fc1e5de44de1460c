import { expect, it } from 'vitest';
import { checkRequestOf } from '../../../shared/hunting/library/check-request.ts';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { bytesOf } from './places.ts';

const requestFor = (...lines: readonly string[]) => {
  const [query] = readQueryFile('a.yaml', bytesOf(['query: T | take 1', ...lines].join('\n'))).queries;
  return query && checkRequestOf(query);
};

it('a query is checked with every column that its file names, and by what', () => {
  expect(
    requestFor(
      'platform: xdr',
      'keys: [DeviceId]',
      'entities: [{ type: Host, identifier: HostName, column: DeviceName }]',
      'entityMappings: [{ entityType: IP, fieldMappings: [{ identifier: Address, columnName: RemoteIP }] }]',
      'customDetails: { Process: FileName }',
    ),
  ).toEqual({
    text: 'T | take 1',
    parameters: [],
    platform: 'xdr',
    findings: { keys: ['DeviceId'] },
    namedColumns: [
      { column: 'DeviceName', as: 'entity Host (HostName)' },
      { column: 'FileName', as: 'custom detail Process' },
    ],
  });
});

it('a query is checked for findings where it has keys or a schedule', () => {
  expect(requestFor()?.findings).toBeUndefined();
  expect(requestFor('schedule: { frequency: PT1H }')?.findings).toEqual({ keys: [] });
});
