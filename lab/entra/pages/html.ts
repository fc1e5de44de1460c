import { createHash } from 'node:crypto';
import type { LabAnswer } from '../../service.ts';
import { NOT_STORED } from '../aadsts.ts';

/** Markup that is safe to put into a page. */
export interface Html {
  readonly markup: string;
}

/** Fills values in, escaped; what is markup already stays as it is, and a list of it is put together. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  return { markup: parts.map((part, place) => part + markupOf(values[place] ?? '')).join('') };
}

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
button{font:inherit;padding:.5rem 1rem;margin:.25rem .5rem .25rem 0;border:1px solid #0f6cbd;background:#fff;color:#0f548c;cursor:pointer}
button.main{background:#0f6cbd;color:#fff}button:focus,input:focus{outline:3px solid #f2c811}
input[type=text]{font:inherit;padding:.5rem;width:14rem}ul.people{list-style:none;padding:0}ul.people button{width:100%;text-align:left}
.note{color:#5c5c5c;font-size:.9rem}`;

/** Sends the page's form at once; without scripts the reader presses the button. */
const SUBMIT = 'document.forms[0].submit()';

export interface PageOptions {
  readonly title: string;
  readonly body: Html;
  /** Default 200. */
  readonly status?: number;
  /** Sends the page's only form when it is shown. */
  readonly submits?: boolean;
}

/** A page of the lab's sign-in service: nothing in it comes from elsewhere. */
export function page({ title, body, status = 200, submits = false }: PageOptions): LabAnswer {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Outrider lab</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
<footer><p class="note">This is the Outrider lab, not Microsoft. No password is needed, and none is asked for.</p></footer>
${submits ? { markup: `<script>${SUBMIT}</script>` } : ''}</body>
</html>
`;
  return {
    status,
    headers: { ...NOT_STORED, ...headers(submits), 'content-type': 'text/html; charset=utf-8' },
    body: markup,
  };
}

/** A field that the page sends back untouched. */
export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}

function headers(submits: boolean): Record<string, string> {
  const script = submits ? `; script-src '${hashOf(SUBMIT)}'` : '';
  return {
    'content-security-policy': `default-src 'none'; style-src '${hashOf(STYLE)}'${script}; base-uri 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function markupOf(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return escaped(value);
  if ('markup' in value) return value.markup;
  return value.map(({ markup }) => markup).join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
