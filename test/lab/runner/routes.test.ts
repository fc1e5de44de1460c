import { describe, expect, test } from 'vitest';
import { compareRoutes, matchRoute, parseRoute, pathSegments } from '../../../lab/runner/routes.ts';

const match = (template: string, path: string) => matchRoute(parseRoute(template), pathSegments(path));

describe('matches', () => {
  test.each([
    ['tenants/{tenantId}/incidents', '/Tenants/abc/INCIDENTS', { tenantId: 'abc' }],
    ['tenants/{tenantId}/incidents', '/tenants/abc/incidents/', { tenantId: 'abc' }],
    ['a/{id?}', '/a', {}],
    ['a/{id?}', '/a/5', { id: '5' }],
    ['a/{id=7}', '/a', { id: '7' }],
    ['a/{*rest}', '/a/b/c%20d', { rest: 'b/c d' }],
    ['a/{**rest}', '/a', {}],
    ['files/{name}.{type}', '/files/report.v2.json', { name: 'report', type: 'v2.json' }],
    ['x/file-{id:int}', '/x/FILE-12', { id: '12' }],
    ['', '/', {}],
    [
      'a/{id:guid}',
      '/a/0F8FAD5B-D9CB-469F-A165-70867728950E',
      { id: '0F8FAD5B-D9CB-469F-A165-70867728950E' },
    ],
    ['a/{id:int:min(3)}', '/a/3', { id: '3' }],
    ['a/{code:regex(^\\d{2}/?x$)}', '/a/12x', { code: '12x' }],
    ['a/{name:alpha:maxlength(3)?}', '/a', {}],
  ])('%s with %s', (template, path, values) => {
    expect(match(template, path)).toEqual(values);
  });
});

describe('does not match', () => {
  test.each([
    ['a/{id}', '/a'],
    ['a/{id}', '/a/b/c'],
    ['a/b', '/a'],
    ['a/{id:int}', '/a/1.5'],
    ['a/{id:int}', '/a/99999999999'],
    ['a/{id:guid}', '/a/0f8fad5b'],
    ['a/{id:int:min(3)}', '/a/2'],
    ['a/{id:range(1,5)}', '/a/6'],
    ['a/{id:length(2)}', '/a/abc'],
    ['a/{id:bool}', '/a/yes'],
    ['a/{id:alpha}', '/a/a1'],
    ['x/file-{id:int}', '/x/file-ab'],
    ['', '/a'],
  ])('%s with %s', (template, path) => {
    expect(match(template, path)).toBeUndefined();
  });
});

test('the most specific route comes first', () => {
  const templates = ['{*all}', 'a/{id}', 'a/{id:int}', 'a/latest', 'a/{id}/b', 'a/v{id}'];
  const sorted = templates.map(parseRoute).sort(compareRoutes);
  const first = (path: string) => sorted.find((route) => matchRoute(route, pathSegments(path)))?.template;
  expect(first('/a/latest')).toBe('a/latest');
  expect(first('/a/5')).toBe('a/{id:int}');
  expect(first('/a/v5')).toBe('a/v{id}');
  expect(first('/a/x')).toBe('a/{id}');
  expect(first('/b')).toBe('{*all}');
});

test.each([
  ['/a', 'starts with /'],
  ['a/{id?}/b', 'not the last'],
  ['a/{*rest}/b', 'not the last'],
  ['a/{id:nonsense}', 'constraint "nonsense"'],
  ['a/{id:range}', 'constraint "range"'],
  ['a//b', 'cannot be read'],
  ['a/{id', 'cannot be read'],
  ['a/{}', 'cannot be read'],
])('the template %s is refused', (template, reason) => {
  expect(() => parseRoute(template)).toThrow(reason);
});

test('an encoded slash does not make a segment', () => {
  expect(pathSegments('/a%2Fb/c%2520')).toEqual(['a%2Fb', 'c%20']);
});
