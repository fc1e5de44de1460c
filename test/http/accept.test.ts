import { expect, test } from 'vitest';
import { rowsFormatOf } from '../../shared/http/accept.ts';

test.each([
  [null, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['application/*', 'json'],
  ['application/json', 'json'],
  ['text/csv', 'csv'],
  ['text/*', 'csv'],
  ['TEXT/CSV; header=present', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['text/html, application/xhtml+xml, */*;q=0.1', 'json'],
  ['application/json;q=0.5, text/csv;q=0.9', 'csv'],
  ['text/csv, application/json', 'json'],
  ['application/json;q=0, */*', 'ndjson'],
  ['application/json;q=0, application/x-ndjson;q=0, */*;q=0.1', 'csv'],
] as const)('Accept: %s is answered with %s', (accept, format) => {
  expect(rowsFormatOf(accept)).toBe(format);
});

test.each(['text/html', 'application/json;q=0', 'nonsense', ';q=1', 'text/csv;q=2', 'application/json;q=x'])(
  'Accept: %s cannot be served, and is told what can',
  (accept) => {
    expect(() => rowsFormatOf(accept)).toThrow(/application\/json, application\/x-ndjson, text\/csv/);
  },
);
