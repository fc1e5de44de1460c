import { createHash } from 'node:crypto';
import type { HttpResponseInit } from '@azure/functions';
import { html, type Markup } from './html.ts';

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly body: Markup;
}

const STYLE =
  'body{font:1rem/1.6 system-ui,sans-serif;color:#222;background:#fff;max-width:40rem;margin:3rem auto;padding:0 1.25rem}' +
  'h1{font-size:1.5rem;line-height:1.3}table{border-collapse:collapse;margin:1rem 0}' +
  'th,td{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0;border-bottom:1px solid #ddd}' +
  'code{overflow-wrap:anywhere}.go{display:inline-block;margin:1rem 0;padding:.6rem 1.2rem;border-radius:.25rem;' +
  'background:#0b5cab;color:#fff;text-decoration:none}.go:focus{outline:3px solid #e0a100}small{color:#555}';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** No script, nothing from elsewhere, no frame around it, no form, kept by nobody, and no address told to whoever comes next. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** A page for a person's browser. */
export function pageAnswer({ status, title, body }: Page): HttpResponseInit {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return { status, headers: PAGE_HEADERS, body: whole.html };
}
