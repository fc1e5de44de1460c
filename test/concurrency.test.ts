import { expect, it } from 'vitest';
import { createTurns } from '../shared/concurrency.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('lets so much work go on at once, and what waits in the order in which it came', async () => {
  const turns = createTurns(2);
  const pieces = Array.from({ length: 4 }, () => Promise.withResolvers<string>());
  const began: number[] = [];
  const runs = pieces.map(({ promise }, order) =>
    turns.run(() => {
      began.push(order);
      return promise;
    }),
  );
  await settled();
  expect(began).toEqual([0, 1]);
  pieces[1]?.resolve('one');
  expect(await runs[1]).toBe('one');
  await settled();
  expect(began).toEqual([0, 1, 2]);
  for (const { resolve } of pieces) resolve('end');
  await Promise.all(runs);
  expect(began).toEqual([0, 1, 2, 3]);
});

it('gives the turn on when work fails', async () => {
  const turns = createTurns(1);
  const failed = turns.run(async () => {
    throw new Error('no');
  });
  const next = turns.run(async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

it('has nobody who comes later go before those who wait', async () => {
  const turns = createTurns(1);
  const order: string[] = [];
  const first = turns.run(async () => void order.push('first'));
  const waiting = turns.run(async () => void order.push('waiting'));
  await first;
  const late = turns.run(async () => void order.push('late'));
  await Promise.all([waiting, late]);
  expect(order).toEqual(['first', 'waiting', 'late']);
});
