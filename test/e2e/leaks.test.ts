import { expect, test } from 'vitest';
import { findLeaks } from './leaks.ts';

const SECRET = 'lab8Q~abcdefghijklmnopqrstuvwxyz0123456789';

test('names the texts that show a secret, and no others', () => {
  const leak = `{"x":"${SECRET.slice(9, 29)}"}`;
  const encoded = Buffer.from(`at ${SECRET}`).toString('base64');
  const clean = ['plain text', `${SECRET.slice(9, 28)} and more`];
  expect(findLeaks([SECRET], [leak, ...clean, encoded])).toEqual([leak.slice(0, 20), encoded.slice(0, 20)]);
  expect(findLeaks([], [leak])).toEqual([]);
});
