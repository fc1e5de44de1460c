import { describe, expect, it } from 'vitest';
import { check } from './checker.ts';

describe('what the query gives', () => {
  it('is told by name and type', () => {
    expect(
      check({ text: 'DeviceInfo | summarize n = count(), newest = max(Timestamp) by DeviceId' }),
    ).toMatchObject({
      columns: [
        { name: 'DeviceId', type: 'string' },
        { name: 'n', type: 'long' },
        { name: 'newest', type: 'datetime' },
      ],
      columnsComplete: true,
      tables: ['DeviceInfo'],
    });
  });

  it('names every table, those of wildcards too, each once', () => {
    expect(check({ text: 'union DeviceIn*, (DeviceInfo | take 1) | take 1' }).tables).toEqual(['DeviceInfo']);
    expect(check({ text: 'search in (Alert*) "x"' }).tables).toEqual(['AlertEvidence', 'AlertInfo']);
    expect(check({ text: 'let f = () { AlertInfo }; f | join DeviceInfo on Timestamp' }).tables).toEqual([
      'AlertInfo',
      'DeviceInfo',
    ]);
  });

  it('leaves out columns that are not documented unless it names one', () => {
    const names = (text: string): readonly string[] => check({ text }).columns.map(({ name }) => name);
    expect(names('EmailEvents')).not.toContain('EmailSize');
    expect(names('EmailEvents | project EmailSize')).toEqual(['EmailSize']);
  });

  it('is unknown where the query has errors', () => {
    expect(check({ text: 'Nope | project x' })).toMatchObject({
      columnsComplete: false,
      slicing: { possible: false },
    });
  });
});

it('points at the clock’s calls, and at no function of the query’s own', () => {
  const text = 'let f = (now:datetime) { now }; print now(), ago(2d + 1h), f(now(-1d)), "now()" // ago(1d)';
  expect(
    check({ text }).clockCalls.map(({ kind, start, length, argument }) => [
      kind,
      text.slice(start, start + length),
      argument && text.slice(argument.start, argument.start + argument.length),
    ]),
  ).toEqual([
    ['now', 'now()', undefined],
    ['ago', 'ago(2d + 1h)', '2d + 1h'],
    ['now', 'now(-1d)', '-1d'],
  ]);
});
