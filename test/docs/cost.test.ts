import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../infra/project.ts';

const MINUTES = 43_200;
const TIMERS_AN_HOUR = 2;

/** Rows of the tables between the marks, without heads. */
async function rows(): Promise<readonly (readonly string[])[]> {
  const text = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
  const part = /<!-- cost: [^>]* -->(.*?)<!-- \/cost -->/s.exec(text)?.[1] ?? '';
  return part
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|(-|\s*(symbol|tenants)\s*\|)/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test('the estimate is what its assumptions come to', async () => {
  const all = await rows();
  const values = Object.fromEntries(
    all.filter((row) => row.length === 3).map(([name = '', , value]) => [name, Number(value)]),
  );
  const value = (name: string): number => values[name] ?? Number.NaN;
  const estimates = all.filter((row) => row.length === 8);
  expect(estimates.map(([tenants]) => tenants)).toEqual(['1', '100', '1,000']);
  for (const [text = '', ...told] of estimates) {
    const tenants = Number(text.replace(',', ''));
    const runs = (tenants * MINUTES) / value('interval');
    const busy = Math.min(60, value('timers') + (tenants / value('interval')) * value('seconds'));
    const over = (amount: number, free: number): number => Math.max(0, amount - free);
    const executions = runs + MINUTES * value('timers') + (MINUTES / 60) * TIMERS_AN_HOUR;
    const costs = [
      over(busy * MINUTES * value('memory'), value('freeGbs')) * value('gbs'),
      (over(executions, value('freeExecutions')) / 1e6) * value('executions'),
      tenants * 30 * value('storage'),
      over((runs * value('kilobytes')) / 1e6, value('freeLog')) * value('log'),
      value('alerts'),
    ];
    const cents = costs.map((cost) => cost.toFixed(2));
    const sum = cents.reduce((total, cost) => total + Number(cost), 0);
    expect(told, text).toEqual([runs.toLocaleString('en-US'), ...cents, sum.toFixed(2)]);
  }
});

test('what is called measured is what was measured', async () => {
  const measured = JSON.parse(await readFile(join(ROOT, 'docs/performance.json'), 'utf8')) as {
    day: { results: { what: string; value: string }[] };
    hunts: { results: { what: string; value: string }[] };
  };
  const storage = (results: readonly { what: string; value: string }[]): string =>
    results.find(({ what }) => what.endsWith('storage'))?.value ?? '';
  const daily = Number(/\$([\d.]+) a day/.exec(storage(measured.day.results))?.[1]);
  const [, , told] = (await rows()).find(([name]) => name === 'storage') ?? [];
  expect(Number(told)).toBeCloseTo(daily / 1_000, 6);
  const text = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
  const each = /\$([\d.]+) for 1,000 runs/.exec(storage(measured.hunts.results))?.[1];
  expect(text).toContain(`hunts (storage ${each} for 1,000 runs`);
});

test('rules that look every five minutes, and rarer ones, are as many as alerts.bicep has', async () => {
  const text = await readFile(join(ROOT, 'infra/modules/alerts.bicep'), 'utf8');
  const every = [...text.matchAll(/every: '(PT\w+)'/g)].map(([, period]) => period);
  const often = every.filter((period) => period === 'PT5M').length;
  const [, , told] = (await rows()).find(([name]) => name === 'alerts') ?? [];
  expect(Number(told)).toBeCloseTo(often * 1.5 + (every.length - often) * 0.5, 6);
});
