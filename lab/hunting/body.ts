import type { LabAnswer, LabRequest } from '../service.ts';
import type { HuntOutcome } from './hunting.ts';
import type { HuntSettings } from './settings.ts';

/** Reads a request's JSON object. @returns undefined when it is none */
export function readJsonBody(
  { body, headers }: LabRequest,
  { huntNeedsCharset }: HuntSettings,
): Readonly<Record<string, unknown>> | undefined {
  const isUtf8 = !huntNeedsCharset || /charset="?utf-8/i.test(headers['content-type'] ?? '');
  try {
    const text = new TextDecoder(isUtf8 ? 'utf-8' : 'windows-1252').decode(body);
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** How a cut answer says so, by the setting; a whole one says nothing. */
export function cutNotice(
  { incomplete }: HuntOutcome,
  { huntCutSays: how }: HuntSettings,
): Pick<LabAnswer, 'status'> & { readonly member: string; readonly headers: Record<string, string> } {
  const whole = { status: 200, member: '', headers: {} };
  if (!incomplete || how === 'nothing') return whole;
  const text = 'Query result set is incomplete: it has exceeded the internal limit.';
  switch (how) {
    case 'exceptions':
      return { ...whole, member: `,"exceptions":[${JSON.stringify(text)}]` };
    case 'error':
      return { ...whole, member: `,"error":{"code":"PartialError","message":${JSON.stringify(text)}}` };
    case 'header':
      return { ...whole, headers: { warning: `199 - "${text}"` } };
    case 'status':
      return { ...whole, status: 206 };
  }
}

/** An answer's JSON: what comes before, the rows with their schema on the side that the setting says, what comes after. */
export function bodyBytes(parts: {
  readonly head: string;
  readonly schema: string;
  /** `"results":` in the wire's letters. */
  readonly results: string;
  readonly rows: Buffer;
  readonly tail: string;
  readonly schemaFirst: boolean;
}): Buffer {
  const { head, schema, results, rows, tail, schemaFirst } = parts;
  const before = schemaFirst ? `{${head}${schema},${results}[` : `{${head}${results}[`;
  const after = schemaFirst ? `]${tail}}` : `],${schema}${tail}}`;
  return Buffer.concat([Buffer.from(before), rows, Buffer.from(after)]);
}

/** For the request log, which holds no query. */
export const huntNote = ({ binding, found }: HuntOutcome): string =>
  `hunt ${binding.hash}, ${found.rows} rows`;
