import { expect, test } from 'vitest';
import { throughDoor } from '../../../lab/runner/door-links.ts';

const DOOR = 'http://127.0.0.1:4711';
const SIGN_IN = 'https://login.microsoftonline.com/organizations/adminconsent?client_id=a&amp;state=b.c';
const BEHIND = SIGN_IN.replace('https:/', DOOR);
const PAGE = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" };

const shown = (string: string, headers: Record<string, string> = PAGE): string | null | undefined =>
  throughDoor({ statusCode: '200', headers, body: { string } }, DOOR).body?.string;

test('a link to a sign-in page leads to the door, with all that it carries; headers stay', () => {
  const answer = {
    statusCode: '200',
    headers: PAGE,
    body: { bytes: Buffer.from(`<p>Zoë ☂</p><a class="go" href="${SIGN_IN}">Go on</a>`) },
    cookies: [{ name: 'c', value: 'v' }],
  };
  const seen = throughDoor(answer, DOOR);
  expect(Buffer.from(seen.body?.bytes ?? []).toString()).toBe(
    `<p>Zoë ☂</p><a class="go" href="${BEHIND}">Go on</a>`,
  );
  expect({ ...seen, body: answer.body }).toEqual(answer);
  expect(shown(`<a HREF='https://Login.MicrosoftOnline.us/x'>`)).toBe(
    `<a HREF='${DOOR}/login.microsoftonline.us/x'>`,
  );
});

test('bytes that are no text come out as they went in', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const seen = throughDoor({ headers: PAGE, body: { bytes } }, DOOR);
  expect(Buffer.from(seen.body?.bytes ?? []).equals(bytes)).toBe(true);
});

test.each([
  `<a href="https://learn.microsoft.com/entra">`,
  `<a href="https://login.microsoftonline.com.evil.example/">`,
  `<a href="https://login.microsoftonline.com@evil.example/">`,
  `<a href="http://login.microsoftonline.com/">`,
  `<a data-href="${SIGN_IN}">`,
  `<p>Or copy ${SIGN_IN}</p>`,
])('%s is left as it is', (markup) => {
  expect(shown(markup)).toBe(markup);
});

test('only pages are touched: neither JSON nor plain text, whatever is in it', () => {
  const text = `<a href="${SIGN_IN}">`;
  for (const type of ['application/json', 'text/plain', 'text/htmlx', 'application/xhtml+xml']) {
    expect(shown(text, { 'Content-Type': type })).toBe(text);
  }
  expect(shown(text, {})).toBe(text);
  expect(shown(text, { 'Content-Type': 'TEXT/HTML' })).toBe(`<a href="${BEHIND}">`);
});

test('a redirect to a sign-in page leads to the door; an address in any other answer does not', () => {
  const location = 'https://login.microsoftonline.com/organizations/adminconsent?client_id=a';
  const at = (statusCode: string, to: string): unknown =>
    throughDoor({ statusCode, headers: { Location: to } }, DOOR).headers;
  expect(at('302', location)).toEqual({ Location: location.replace('https:/', DOOR) });
  expect(at('201', location)).toEqual({ Location: location });
  expect(at('307', 'https://graph.microsoft.com/v1.0')).toEqual({
    Location: 'https://graph.microsoft.com/v1.0',
  });
  expect(at('302', '/api/health')).toEqual({ Location: '/api/health' });
});
