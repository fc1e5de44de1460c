import { RunnerError } from './runner-error.ts';
import type { ReceivedMessage } from './storage.ts';
import type { TypedData } from './worker-contract.ts';

export type MessageEncoding = 'base64' | 'none';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes of a message, or undefined when its text is not in the encoding that host.json promises. */
export function decodeMessage(text: string, encoding: MessageEncoding): Buffer | undefined {
  if (encoding === 'none') return Buffer.from(text, 'utf8');
  // .NET overlooks white space in base64.
  const compact = text.replaceAll(/\s/g, '');
  return BASE64.test(compact) ? Buffer.from(compact, 'base64') : undefined;
}

/** The text to put on the wire for a message's content. */
export function encodeMessage(content: string | Uint8Array, encoding: MessageEncoding): string {
  const bytes = Buffer.from(content as Uint8Array);
  return encoding === 'base64' ? bytes.toString('base64') : bytes.toString('utf8');
}

/**
 * A message's content in the worker's terms: a string (which the library parses when it is JSON), or bytes
 * when the trigger asks for `dataType: 'binary'`.
 *
 * @throws RunnerError when a string is asked for and the bytes are not UTF-8.
 */
export function messageInput(body: Buffer, binary: boolean): TypedData {
  return binary ? { bytes: body } : { string: utf8(body) };
}

/**
 * What a handler finds in `context.triggerMetadata`.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#message-metadata
 */
export function messageMetadata(
  message: ReceivedMessage,
  body: Buffer,
  fnName: string,
  now: number,
): Record<string, TypedData> {
  return {
    QueueTrigger: body.toString('utf8') === '' ? { bytes: body } : { string: body.toString('utf8') },
    DequeueCount: { int: message.dequeueCount },
    ExpirationTime: dateTimeOffset(message.expiresOn),
    Id: { string: message.id },
    InsertionTime: dateTimeOffset(message.insertedOn),
    NextVisibleTime: dateTimeOffset(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
    sys: { json: JSON.stringify({ MethodName: fnName, UtcNow: new Date(now).toISOString() }) },
  };
}

function utf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new RunnerError('the message is not UTF-8 text; a trigger with dataType "binary" takes bytes');
  }
}

function dateTimeOffset(date: Date): TypedData {
  return { json: JSON.stringify(date.toISOString().replace(/(\.000)?Z$/, '+00:00')) };
}
