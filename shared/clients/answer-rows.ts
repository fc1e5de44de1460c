import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../json-characters.ts';
import { isRecord } from './raw-json.ts';

/**
 * Splits the answer of a hunting query, `{"schema":[…],"results":[{…},…]}`, into its rows while it arrives. A row is
 * kept exactly as the service wrote it: digits of numbers, order and case of keys, repeated keys, escapes; `JSON.parse`
 * gives values only, and the streaming parsers of npm give values or tokens (docs/decisions/0006-hunting.md).
 *
 * The scan only matches brackets outside of strings, without recursion. It validates nothing; each row is parsed by
 * `JSON.parse`, and so is, at the end, all that is around the rows. A text of which every part is valid is valid.
 */
export interface AnswerRows {
  /**
   * The rows that the next piece of the text completes.
   *
   * @throws SyntaxError if it cannot be part of such an answer
   */
  push(text: string): readonly string[];
  /**
   * What is around the rows, once the text is at its end: `results` empty, all else as it was.
   *
   * @throws SyntaxError if the text is not whole
   */
  end(): Readonly<Record<string, unknown>>;
  /** The same as far as it has come, where that is enough to read the columns: before the first row, usually. */
  soFar(): Readonly<Record<string, unknown>> | undefined;
}

/** Bounds of what must be held in memory, in UTF-16 units. */
const MOST_AROUND = 4 * 1024 * 1024;
const LONGEST_ROW = 32 * 1024 * 1024;

type Place = 'around' | 'beforeRow' | 'afterRow' | 'row';

export function createAnswerRows(): AnswerRows {
  const around = createAround();
  const nesting = createNesting();
  let place: Place = 'around';
  let begun: string[] = [];
  let begunLength = 0;
  let mayClose = true;

  function finishRow(rows: string[], end: string): void {
    const row = begun.length === 0 ? end : begun.join('') + end;
    begun = [];
    begunLength = 0;
    JSON.parse(row);
    rows.push(row);
  }

  function keepBegun(text: string): void {
    begun.push(text);
    begunLength += text.length;
    if (begunLength > LONGEST_ROW) throw new SyntaxError(`a row of more than ${LONGEST_ROW} characters`);
  }

  /** Between rows: where the next one begins, or the array ends. */
  function between(text: string, at: number): number {
    const next = skipBlanks(text, at);
    if (next === text.length) return next;
    const code = text.charCodeAt(next);
    if (code === CLOSE_ARRAY && (place === 'afterRow' || mayClose)) {
      place = 'around';
    } else if (code === COMMA && place === 'afterRow') {
      place = 'beforeRow';
      mayClose = false;
      return next + 1;
    } else if (code === OPEN_OBJECT && place === 'beforeRow') {
      place = 'row';
    } else {
      throw new SyntaxError('"results" is not a list of objects');
    }
    return next;
  }

  return {
    push(text) {
      const rows: string[] = [];
      let at = 0;
      while (at < text.length) {
        if (place === 'around') {
          at = around.push(text, at);
          if (around.inResults()) place = 'beforeRow';
        } else if (place === 'row') {
          const end = nesting.push(text, at);
          if (end === -1) {
            keepBegun(text.slice(at));
            return rows;
          }
          finishRow(rows, text.slice(at, end));
          place = 'afterRow';
          at = end;
        } else {
          at = between(text, at);
        }
      }
      return rows;
    },
    end() {
      if (place !== 'around') throw new SyntaxError('the answer ends before its rows do');
      return around.end();
    },
    soFar: around.soFar,
  };
}

/** Follows one nested value, over several texts, to its end. */
function createNesting() {
  let depth = 0;
  let inString = false;
  let escaped = false;

  return {
    /** One past the value's last character, or -1 when it goes on in the next text. */
    push(text: string, from: number): number {
      const { length } = text;
      let at = from;
      while (at < length) {
        const code = text.charCodeAt(at);
        at += 1;
        if (inString) {
          if (escaped) escaped = false;
          else if (code === BACKSLASH) escaped = true;
          else if (code === QUOTE) inString = false;
        } else if (code === QUOTE) {
          inString = true;
        } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
          depth += 1;
        } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
          depth -= 1;
          if (depth === 0) return at;
        }
      }
      return -1;
    },
  };
}

const RESULTS = /^results$/i;

/** Collects what is around the rows, and tells when they begin. */
function createAround() {
  let text = '';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let keyIsNext = false;
  let stringStart = 0;
  let key = '';
  let results: 'none' | 'open' | 'closed' = 'none';

  function closeString(end: number): void {
    inString = false;
    if (depth === 1 && keyIsNext) key = String(JSON.parse(text.slice(stringStart, end)));
  }

  /** Follows one character outside of strings; true when it opens the list of rows. */
  function follow(code: number): boolean {
    if (code === COMMA && depth === 1) keyIsNext = true;
    else if (code === COLON && depth === 1) keyIsNext = false;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
      if (depth === 1) keyIsNext = true;
      return code === OPEN_ARRAY && depth === 2 && !keyIsNext && RESULTS.test(key);
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth -= 1;
      if (results === 'open' && depth === 1) results = 'closed';
    }
    return false;
  }

  return {
    /** Where the rows begin, or the text's end. */
    push(added: string, from: number): number {
      const start = text.length - from;
      text += added.slice(from);
      for (let at = from; at < added.length; at += 1) {
        const code = added.charCodeAt(at);
        if (inString) {
          if (escaped) escaped = false;
          else if (code === BACKSLASH) escaped = true;
          else if (code === QUOTE) closeString(start + at + 1);
        } else if (code === QUOTE) {
          inString = true;
          stringStart = start + at;
        } else if (follow(code)) {
          if (results !== 'none') throw new SyntaxError('"results" comes twice');
          results = 'open';
          text = text.slice(0, start + at + 1);
          return at + 1;
        }
      }
      if (text.length > MOST_AROUND)
        throw new SyntaxError(`more than ${MOST_AROUND} characters around the rows`);
      return added.length;
    },
    inResults: () => results === 'open',
    soFar: () => (results === 'open' ? tryObject(`${text}]}`) : undefined),
    end(): Readonly<Record<string, unknown>> {
      const parsed: unknown = JSON.parse(text);
      if (results !== 'closed' || !isRecord(parsed)) throw new SyntaxError('no list "results"');
      return parsed;
    },
  };
}

function tryObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function skipBlanks(text: string, at: number): number {
  let next = at;
  while (isBlank(text.charCodeAt(next))) next += 1;
  return next;
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
