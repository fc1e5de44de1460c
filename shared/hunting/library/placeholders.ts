import type { HuntingQuery, ParameterDeclaration, ScalarType } from '../query.ts';
import type { Draft } from './draft.ts';
import { type KqlStretch, stretchesOf } from './kql-strings.ts';
import { literalFault } from './placeholder-default.ts';
import type { Run } from './positions.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';

/** `{{Name}}`, or `%%NAME%%` and `%%NAME:DEFAULT%%`. */
const PLACEHOLDER = /\{\{\s*([A-Za-z_]\w{0,60})\s*\}\}|%%([A-Z][A-Z0-9_]{0,60})(?::([^%\r\n]*))?%%/g;
/** More than anybody writes by hand; every one costs a search through the text. */
const MOST_PLACEHOLDERS = 100;
/** Literals whose whole content may be a placeholder. */
const LITERAL = /\b(datetime|timespan|time|guid|int|long|real|double|decimal|bool)[ \t]*\([ \t]*$/i;
const LITERAL_TYPES: Readonly<Record<string, ScalarType>> = { time: 'timespan', double: 'real' };

interface Placeholder {
  readonly name: string;
  readonly default?: string | undefined;
  /** What of the text it takes the place of: the string or literal around it included. */
  readonly start: number;
  readonly end: number;
  /** Type of the literal that it fills; undefined where it fills none. */
  readonly type?: ScalarType | undefined;
}

type Filled = Pick<HuntingQuery, 'text' | 'parameters' | 'notRunnable'> & { readonly runs: readonly Run[] };

/**
 * Turns the placeholders of other tools into parameters, where that is safe: where one is the whole content of a
 * string or of another literal (`"{{Host}}"`, `datetime({{Start}})`), the literal becomes the name of a parameter of
 * that type, so that a value stays a value. Any other place (a table's name, part of a string, a comment excepted)
 * could only be filled by pasting text into the query, which would let a value become code; the query is then kept,
 * and cannot be run. The parameter's name has a prefix, for a column of the same name would otherwise hide it.
 */
export function fillPlaceholders(draft: Draft, sink: ProblemSink): Filled {
  const { text, runs, fields } = draft;
  const declared = fields.parameters ?? [];
  const found = placeholdersOf(text);
  if (found.length === 0) return { text, runs, parameters: declared };
  const parameters = parametersOf(found, text, declared);
  const unsafe = found.find(({ type }) => type === undefined);
  if (unsafe || typeof parameters === 'string') {
    const shown = unsafe ? text.slice(unsafe.start, unsafe.end) : '';
    const reason =
      typeof parameters === 'string'
        ? parameters
        : `The placeholder ${shown} is not the whole of a literal, so a value for it could become code.`;
    sink.warn(
      PROBLEM.placeholder,
      offsetIn(runs, (unsafe ?? found[0])?.start ?? 0),
      `${reason} The query is kept, and cannot be run: declare a parameter and use its name.`,
    );
    return { text, runs, parameters: declared, notRunnable: reason };
  }
  return { ...replaced(text, runs, found), parameters: [...declared, ...parameters] };
}

function placeholdersOf(text: string): readonly Placeholder[] {
  const found: Placeholder[] = [];
  if (!text.includes('{{') && !text.includes('%%')) return found;
  const stretches = stretchesOf(text);
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, braced, percented, preset] = match;
    const [start, end] = [match.index, match.index + whole.length];
    const around = stretches.find((stretch) => stretch.start <= start && end <= stretch.end);
    if (around?.kind === 'comment') continue;
    const name = braced ?? percented ?? '';
    found.push({ name, default: preset, ...literalAround(text, start, end, around) });
    if (found.length > MOST_PLACEHOLDERS) break;
  }
  return found;
}

/** The literal that the placeholder fills whole, and its type. */
function literalAround(
  text: string,
  start: number,
  end: number,
  around: KqlStretch | undefined,
): Pick<Placeholder, 'start' | 'end' | 'type'> {
  if (around) {
    const whole = around.contentStart === start && around.contentEnd === end;
    return whole ? { start: around.start, end: around.end, type: 'string' } : { start, end };
  }
  const opening = LITERAL.exec(text.slice(Math.max(0, start - 80), start));
  const closing = /^[ \t]*\)/.exec(text.slice(end, end + 80));
  if (!opening || !closing) return { start, end };
  const word = (opening[1] ?? '').toLowerCase();
  const type = LITERAL_TYPES[word] ?? (word as ScalarType);
  return { start: start - opening[0].length, end: end + closing[0].length, type };
}

/** Declarations for all placeholders, or why there can be none. */
function parametersOf(
  found: readonly Placeholder[],
  text: string,
  declared: readonly ParameterDeclaration[],
): readonly ParameterDeclaration[] | string {
  if (found.length > MOST_PLACEHOLDERS) return `There are more than ${MOST_PLACEHOLDERS} placeholders.`;
  const byName = new Map<string, ParameterDeclaration>();
  for (const { name, type, default: preset } of found) {
    if (type === undefined) continue;
    const parameter = parameterName(name);
    const known = byName.get(parameter);
    if (declared.some((one) => one.name === parameter) || new RegExp(`\\b${parameter}\\b`).test(text)) {
      return `The placeholder ${name} would be the parameter ${parameter}, a name that is taken already.`;
    }
    if (known && known.type !== type) {
      return `The placeholder ${name} is a ${known.type} in one place and a ${type} in another.`;
    }
    const value = preset ?? known?.default;
    const fault = typeof value === 'string' ? literalFault(type, value) : undefined;
    if (fault !== undefined) return `The default of the placeholder ${name} ${fault}.`;
    byName.set(parameter, {
      name: parameter,
      type,
      list: false,
      description: `Placeholder ${name} of the file.`,
      required: value === undefined,
      ...(value !== undefined && { default: value }),
    });
  }
  return [...byName.values()];
}

function parameterName(placeholder: string): string {
  return `p_${placeholder}`;
}

/** The text with each placeholder's literal replaced by the parameter's name, and where the rest now stands. */
function replaced(
  text: string,
  runs: readonly Run[],
  found: readonly Placeholder[],
): { readonly text: string; readonly runs: readonly Run[] } {
  let built = '';
  let from = 0;
  const moved: Run[] = [];
  const copy = (to: number): void => {
    const shift = built.length - from;
    moved.push({ at: built.length, offset: offsetIn(runs, from) });
    for (const { at, offset } of runs) {
      if (at > from && at < to) moved.push({ at: at + shift, offset });
    }
    built += text.slice(from, to);
  };
  for (const { start, end, name } of found) {
    copy(start);
    moved.push({ at: built.length, offset: offsetIn(runs, start) });
    built += parameterName(name);
    from = end;
  }
  copy(text.length);
  return { text: built, runs: moved };
}

function offsetIn(runs: readonly Run[], at: number): number {
  const run = runs.findLast((candidate) => candidate.at <= at) ?? { at: 0, offset: 0 };
  return run.offset + at - run.at;
}
