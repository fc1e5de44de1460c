import { OutriderError } from '../errors.ts';

/** Forms in which rows are answered. */
export type RowsFormat = 'json' | 'ndjson' | 'csv';

/** Media types by form; the first of each is the one answered. */
const TYPES: Readonly<Record<RowsFormat, readonly string[]>> = {
  json: ['application/json'],
  ndjson: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
  csv: ['text/csv'],
};
const FORMATS = Object.keys(TYPES) as RowsFormat[];

/**
 * The form that an `Accept` header likes best; JSON when it does not say, and where several are liked as much.
 *
 * @throws OutriderError `request.not_acceptable`
 */
export function rowsFormatOf(accept: string | null): RowsFormat {
  if (!accept?.trim()) return 'json';
  const ranges = accept.split(',').map(rangeOf);
  const liked = FORMATS.map((format) => ({ format, quality: qualityOf(format, ranges) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  const [best] = liked;
  if (best) return best.format;
  throw new OutriderError(
    'request.not_acceptable',
    `Rows are answered as ${Object.values(TYPES)
      .map(([type]) => type)
      .join(', ')}. Name one of them in the Accept header.`,
  );
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = q === undefined ? 1 : Number(q);
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The most specific range that fits decides: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1. */
function qualityOf(format: RowsFormat, ranges: readonly Range[]): number {
  const types = TYPES[format];
  const family = `${types[0]?.split('/')[0]}/*`;
  const exact = ranges.find(({ type }) => types.includes(type));
  const fitting =
    exact ?? ranges.find(({ type }) => type === family) ?? ranges.find(({ type }) => type === '*/*');
  return fitting?.quality ?? 0;
}
