import { describe, expect, it } from 'vitest';
import { readQueryFile } from '../../../shared/hunting/library/read-query-file.ts';
import { bytesOf } from './places.ts';
import { only } from './read-queries.ts';

describe('KQL files', () => {
  it.each(['a.kql', 'a.csl', 'a.txt', 'a.KQL'])('%s is one query', (path) => {
    expect(only(path, ['Heartbeat', '| take 1', ''])).toMatchObject({
      id: 'a',
      text: 'Heartbeat\n| take 1\n',
      platform: 'sentinel',
      source: { file: path, format: 'kql' },
    });
  });

  it.each([
    ['DeviceInfo | where TimeGenerated > ago(1d)', 'xdr'],
    ['let Mails = EmailEvents | where TimeGenerated > ago(1d);\nMails | take 1', 'xdr'],
    ['union DeviceEvents, SigninLogs | where TimeGenerated > ago(1d)', 'sentinel'],
    ['Own_CL | where TimeGenerated > ago(1d)', 'sentinel'],
    ['Own_CL | where Timestamp > ago(1d)', 'xdr'],
  ])('are for who has the table, then by the time column: %s', (text, platform) => {
    expect(only('a.kql', [text]).platform).toBe(platform);
  });

  it('are the same whatever their line ends are', () => {
    const [unix, windows] = ['DeviceEvents\n| take 1\n', 'DeviceEvents\r\n| take 1\r\n'].map(
      (text) => readQueryFile('a.kql', bytesOf(text)).queries[0],
    );
    expect(windows).toEqual(unix);
  });
});
