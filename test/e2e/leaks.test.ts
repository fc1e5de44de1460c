import { describe, expect, test } from 'vitest';
import { findLeaks } from './leaks.ts';

const SECRET = 'lab8Q~abcdefghijklmnopqrstuvwxyz0123456789';

describe('the scan for leaks', () => {
  test('finds a secret whole, and any 20 characters of it', () => {
    expect(findLeaks([SECRET], [`token=${SECRET};`])).toHaveLength(1);
    expect(findLeaks([SECRET], [`{"x":"${SECRET.slice(9, 29)}"}`])).toHaveLength(1);
    expect(findLeaks([SECRET], [`a${SECRET.slice(-20)}`])).toHaveLength(1);
  });

  test('finds a short secret whole', () => {
    expect(findLeaks(['geheim'], ['so geheim!'])).toHaveLength(1);
  });

  test('takes nothing else for one', () => {
    expect(findLeaks([SECRET], [`${SECRET.slice(9, 28)} and more`, 'plain text'])).toEqual([]);
    expect(findLeaks([], ['anything'])).toEqual([]);
  });
});
