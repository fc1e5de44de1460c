import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, messageInput } from '../../../lab/runner/queue-message.ts';
import { messagesOf } from '../../../lab/runner/queue-output.ts';

test.each(['YWJj', 'YWI=', 'YQ==', '', 'YW\r\nJj'])('%j is base64', (text) => {
  expect(decodeMessage(text, 'base64')).toEqual(Buffer.from(text.replaceAll(/\s/g, ''), 'base64'));
});

test.each(['{"id":1}', 'YWI', 'YQ=', 'YW-_', 'YQ==YQ=='])('%j is not base64', (text) => {
  expect(decodeMessage(text, 'base64')).toBeUndefined();
});

test('without encoding the text itself is the message', () => {
  expect(decodeMessage('{"ü":1}', 'none')?.toString()).toBe('{"ü":1}');
  expect(encodeMessage('{"ü":1}', 'none')).toBe('{"ü":1}');
  expect(encodeMessage('ü', 'base64')).toBe('w7w=');
  expect(encodeMessage(new Uint8Array([0, 255]), 'base64')).toBe('AP8=');
});

test('a function that takes text is not given bytes that are no UTF-8', () => {
  const bytes = Buffer.from([0xff, 0xfe]);
  expect(() => messageInput(bytes, false)).toThrow('not UTF-8');
  expect(messageInput(bytes, true)).toEqual({ bytes });
});

test.each([
  [undefined, []],
  [null, []],
  [{ string: '' }, ['']],
  [{ string: 'text' }, ['text']],
  [{ int: 0 }, ['0']],
  [{ double: 1.5 }, ['1.5']],
  [{ json: '{"a":1}' }, ['{"a":1}']],
  [{ json: '[{"a":1},"two",3,null,[4]]' }, ['{"a":1}', 'two', '3', '[4]']],
  [{ json: 'true' }, ['true']],
])('the output %j is the messages %j', (data, messages) => {
  expect(messagesOf(data)).toEqual(messages);
});
