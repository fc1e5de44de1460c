import type { HttpRequest } from '@azure/functions';
import { OutriderError } from '../errors.ts';
import { closestTo } from '../text.ts';

/** A query of 1 MB is to be answered with what is wrong with it; more is nobody's query. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What a route may read of a JSON object: all faults are collected and answered together. */
export interface Fields {
  text(name: string, maxLength: number): string | undefined;
  integer(name: string, range: { readonly from: number; readonly to: number }): number | undefined;
  word<Word extends string>(name: string, allowed: readonly Word[]): Word | undefined;
  object(name: string): Readonly<Record<string, unknown>> | undefined;
  /** `from` texts at least; default 1. */
  texts(name: string, most: number, from?: number): readonly string[] | undefined;
  /** A list of objects, each read by `read`; faults name the element. */
  objects<Item>(name: string, most: number, read: (fields: Fields) => Item): readonly Item[] | undefined;
  flag(name: string): boolean | undefined;
  /** As it came, for whoever checks it in another way. */
  value(name: string): unknown;
  /** True where the field is there and null: for fields that can be emptied. */
  isNull(name: string): boolean;
  /** True where the field is there and is not null. */
  has(name: string): boolean;
  fault(text: string): void;
  /** To be called last: throws `request.invalid` naming every fault, unknown fields included. */
  done(): void;
}

/**
 * Reads a request's body, which must be one JSON object.
 *
 * @throws OutriderError `request.too_large` beyond 4 MiB; `request.invalid` when it is no JSON object in UTF-8
 */
export async function readFields(request: HttpRequest): Promise<Fields> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > MOST_BYTES) throw tooLarge();
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > MOST_BYTES) throw tooLarge();
  const value = parse(bytes);
  if (!isObject(value)) throw invalid('must be one JSON object');
  const faults: string[] = [];
  const fields = fieldsOf(value, '', faults);
  return {
    ...fields,
    done() {
      fields.done();
      if (faults.length === 0) return;
      throw new OutriderError('request.invalid', `The request's body is wrong. ${faults.join(' ')}`, {
        details: faults,
      });
    },
  };
}

/** @param path in front of a field's name in faults, empty or with a dot at its end */
function fieldsOf(value: Readonly<Record<string, unknown>>, path: string, faults: string[]): Fields {
  const asked = new Set<string>();

  function one(name: string): unknown {
    asked.add(name);
    return Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined;
  }
  function fault(name: string, text: string): undefined {
    faults.push(`${path}${name}: ${text}`);
  }

  return {
    value: one,
    isNull: (name) => one(name) === undefined && Object.hasOwn(value, name),
    has: (name) => one(name) !== undefined,
    fault: (text) => void faults.push(text),
    text(name, maxLength) {
      const found = one(name);
      if (found === undefined) return undefined;
      if (typeof found !== 'string') return fault(name, 'must be a text.');
      if (found.length <= maxLength) return found;
      return fault(name, `may have ${maxLength} characters at most.`);
    },
    integer(name, { from, to }) {
      const found = one(name);
      if (found === undefined) return undefined;
      if (Number.isInteger(found) && Number(found) >= from && Number(found) <= to) return Number(found);
      return fault(name, `must be a whole number from ${from} to ${to}.`);
    },
    word(name, allowed) {
      const found = one(name);
      if (found === undefined) return undefined;
      return allowed.find((word) => word === found) ?? fault(name, `must be one of ${allowed.join(', ')}.`);
    },
    object(name) {
      const found = one(name);
      if (found === undefined) return undefined;
      return isObject(found) ? found : fault(name, 'must be a JSON object.');
    },
    texts(name, most, from = 1) {
      const found = one(name);
      if (found === undefined) return undefined;
      const right = Array.isArray(found) && found.length >= from && found.length <= most;
      if (right && found.every((item) => typeof item === 'string')) return found;
      return fault(name, `must be a list of ${from} to ${most} texts.`);
    },
    objects(name, most, read) {
      const found = one(name);
      if (found === undefined) return undefined;
      if (!Array.isArray(found) || found.length > most || !found.every(isObject)) {
        return fault(name, `must be a list of at most ${most} JSON objects.`);
      }
      return found.map((item: Readonly<Record<string, unknown>>, index) => {
        const fields = fieldsOf(item, `${path}${name}[${index}].`, faults);
        const result = read(fields);
        fields.done();
        return result;
      });
    },
    flag(name) {
      const found = one(name);
      if (found === undefined || typeof found === 'boolean') return found;
      return fault(name, 'must be true or false.');
    },
    done() {
      for (const name of Object.keys(value)) {
        if (asked.has(name)) continue;
        const shown = name.slice(0, 60);
        const meant = closestTo(shown, [...asked]);
        fault(shown, `not a field here${meant ? `; did you mean ${meant}?` : '.'}`);
      }
    },
  };
}

/** A number that JavaScript cannot hold is kept as its text: a parameter of type long or decimal takes it as such. */
function parse(bytes: ArrayBuffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
      if (typeof value !== 'number' || context?.source === undefined) return value;
      return isExact(value, context.source) ? value : context.source;
    });
  } catch (error) {
    throw invalid('must be JSON in UTF-8', error);
  }
}

const MOST_EXACT_DIGITS = 15;

function isExact(value: number, source: string): boolean {
  const digits = source.replace(/e.*$/i, '').replaceAll(/\D/g, '').length;
  return Number.isFinite(value) && (digits <= MOST_EXACT_DIGITS || Number.isSafeInteger(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(what: string, cause?: unknown): OutriderError {
  return new OutriderError('request.invalid', `The request's body ${what}.`, { cause });
}

function tooLarge(): OutriderError {
  return new OutriderError(
    'request.too_large',
    `The request's body is larger than ${MOST_BYTES / 1024 / 1024} MiB, the most that is read.`,
  );
}
