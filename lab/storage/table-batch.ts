/**
 * Azurite 3.35 understands an entity-group transaction only when the account is the first path segment of
 * every address in it; under the production host name it is not, and Azurite answers 500. These two functions
 * put the segment in on the way there and take it out on the way back, and change no other byte, except that
 * the two line separators which JSON allows in a string, and Azurite's line-based parser stumbles over, go in
 * their escaped form.
 *
 * They work on latin1 text, where each character is one byte. A line of a body cannot be taken for a request
 * line: JSON has no raw line break inside a string.
 *
 * https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
 */
const REQUEST_LINE = /^((?:GET|POST|PUT|PATCH|MERGE|DELETE) https?:\/\/[^/\s]+)\/(?=\S* HTTP\/1\.1\r?$)/gm;
const ADDRESS_HEADER = /^((?:Location|DataServiceId): https?:\/\/[^/\s]+)\/([^/\s]+)\//gm;
const LINE_SEPARATORS = /\xe2\x80([\xa8\xa9])/g;

/** The transaction as Azurite wants it. */
export function addAccountToBatch(body: Buffer, account: string): Buffer {
  const text = body
    .toString('latin1')
    .replace(REQUEST_LINE, (_line, start: string) => `${start}/${account}/`)
    .replace(LINE_SEPARATORS, (_bytes, last: string) => (last === '\xa8' ? '\\u2028' : '\\u2029'));
  return Buffer.from(text, 'latin1');
}

/** The transaction's answer as Azure gives it. */
export function dropAccountFromBatchAnswer(body: Buffer, account: string): Buffer {
  const text = body
    .toString('latin1')
    .replace(ADDRESS_HEADER, (line, start: string, segment: string) =>
      segment === account ? `${start}/` : line,
    );
  return Buffer.from(text, 'latin1');
}
