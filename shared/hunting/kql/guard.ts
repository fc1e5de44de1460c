import type { Diagnostic } from '../ports.ts';
import { found } from './codes.ts';

/** Longest text that is checked, in UTF-16 units: the service takes seconds for it. */
const MOST_CHARACTERS = 500_000;
/** Deepest nesting of brackets: the service's parser takes the square of it. */
const DEEPEST = 400;

/** What makes a text unfit for the language service, if anything does. */
export function unfit(text: string): Diagnostic | undefined {
  return notText(text) ?? tooLarge(text) ?? tooDeep(text);
}

function notText(text: string): Diagnostic | undefined {
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const utf16 = text.split('\0').length - 1 > text.length / 4;
    return found(
      'KQL107',
      { start: nul, length: 1 },
      utf16
        ? 'Every second character is null: the text is UTF-16 read as UTF-8. Save it as UTF-8.'
        : 'The text has a null character. Remove it.',
    );
  }
  if (text.isWellFormed()) return undefined;
  const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(text);
  return found(
    'KQL107',
    { start: half?.index ?? 0, length: 1 },
    'The text has half of a UTF-16 pair, which is no character. Remove it.',
  );
}

function tooLarge(text: string): Diagnostic | undefined {
  if (text.length <= MOST_CHARACTERS) return undefined;
  return found(
    'KQL108',
    { start: 0, length: 0 },
    `The query has ${text.length.toLocaleString('en')} characters, and at most ${MOST_CHARACTERS.toLocaleString('en')} ` +
      'are checked. Move long lists into a parameter or externaldata.',
  );
}

function tooDeep(text: string): Diagnostic | undefined {
  let depth = 0;
  for (const [piece] of text.matchAll(OUTSIDE_OF_TEXTS)) {
    if (OPENS.has(piece)) depth += 1;
    else if (CLOSES.has(piece)) depth -= 1;
    if (depth > DEEPEST) break;
  }
  if (depth <= DEEPEST) return undefined;
  return found(
    'KQL109',
    { start: 0, length: 0 },
    `Brackets are nested more than ${DEEPEST} deep. Write the query with fewer of them.`,
  );
}

const OPENS = new Set(['(', '[', '{']);
const CLOSES = new Set([')', ']', '}']);
/** Brackets; strings and comments whole, so that brackets in them do not count. */
const OUTSIDE_OF_TEXTS =
  /[()[\]{}]|\/\/[^\n]*|```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|@"[^"\n]*"|@'[^'\n]*'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
