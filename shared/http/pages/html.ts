/** Markup that is safe as it is. */
export interface Markup {
  readonly html: string;
}

type Value = string | Markup | readonly Markup[] | undefined;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** A template whose values are escaped, in text as well as in quoted attributes; markup within it stays as it is. */
export function html(texts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const parts = texts.map((text, index) => `${text}${rendered(values[index])}`);
  return { html: parts.join('') };
}

function rendered(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escaped(value);
  return 'html' in value ? value.html : value.map((each) => each.html).join('');
}

/** Control characters and those that turn the direction of text are left out: nothing may look like what it is not. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}
