import { HttpRequest } from '@azure/functions';
import { expect, test } from 'vitest';
import { readFields } from '../../shared/http/body.ts';

const requestOf = (text: string, headers: Readonly<Record<string, string>> = {}): HttpRequest =>
  new HttpRequest({ method: 'POST', url: 'http://x/api', body: { string: text }, headers });

test.each([
  ['9223372036854775807', '9223372036854775807'],
  ['-9223372036854775808', '-9223372036854775808'],
  ['0.1234567890123456789', '0.1234567890123456789'],
  ['1e400', '1e400'],
  ['9007199254740991', 9007199254740991],
  ['1.5', 1.5],
  ['1e3', 1000],
])('the number %s is kept as it is', async (written, value) => {
  const fields = await readFields(requestOf(`{"p":{"n":${written},"l":[${written}]}}`));
  expect(fields.object('p')).toEqual({ n: value, l: [value] });
});

test('a body is not read when its length alone is too much', async () => {
  const request = requestOf('{}', { 'content-length': String(4 * 1024 * 1024 + 1) });
  await expect(readFields(request)).rejects.toMatchObject({ code: 'request.too_large' });
});

test('names of the language itself are fields like others', async () => {
  const fields = await readFields(requestOf('{"__proto__":{"query":"x"},"constructor":1}'));
  expect(fields.has('query')).toBe(false);
  expect(fields.has('toString')).toBe(false);
  expect(() => fields.done()).toThrow(/__proto__: not a field here.* constructor: not a field here/);
});

test('null is as good as not there', async () => {
  const fields = await readFields(requestOf('{"a":null,"b":null}'));
  expect([fields.text('a', 1), fields.has('b')]).toEqual([undefined, false]);
  expect(() => fields.done()).not.toThrow();
});

test('every fault is told at once, with its place', async () => {
  const fields = await readFields(
    requestOf('{"t":"abc","n":1.5,"o":[],"l":["a",1],"i":[{"f":"x"}],"w":"c"}'),
  );
  fields.text('t', 2);
  fields.integer('n', { from: 1, to: 9 });
  fields.object('o');
  fields.texts('l', 5);
  fields.objects('i', 5, (item) => item.flag('f'));
  fields.word('w', ['a', 'b']);
  await expect(async () => fields.done()).rejects.toMatchObject({
    code: 'request.invalid',
    facts: {
      details: [
        't: may have 2 characters at most.',
        'n: must be a whole number from 1 to 9.',
        'o: must be a JSON object.',
        'l: must be a list of 1 to 5 texts.',
        'i[0].f: must be true or false.',
        'w: must be one of a, b.',
      ],
    },
  });
});
