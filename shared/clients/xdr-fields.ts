import { isRecord } from './raw-json.ts';

/** Fields of the Defender XDR API by type: what is not of the type that Graph's schema wants counts as not given. */
export type XdrFields = Readonly<Record<string, unknown>>;

/** The times that Graph's schema allows; kept with the digits they came with. */
const TIME = /^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,12})?(?:Z|[+-]\d{2}:\d{2})$/;
const INT32 = 2 ** 31;

export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function time(value: unknown): string | null {
  return typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
}

export function integer(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}

export function int32(value: unknown): number | null {
  const whole = integer(value);
  return whole !== null && whole >= -INT32 && whole < INT32 ? whole : null;
}

/** An id, which the API sends as a number and Graph as text. */
export function id(value: unknown): string | null {
  return typeof value === 'number' && Number.isInteger(value) ? String(value) : text(value);
}

export function texts(value: unknown): string[] {
  return list(value).filter((item) => typeof item === 'string');
}

export function records(value: unknown): XdrFields[] {
  return list(value).filter(isRecord);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
