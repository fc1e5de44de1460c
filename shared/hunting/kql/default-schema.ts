import file from './hunting-schema.json' with { type: 'json' };
import { type HuntingSchema, readSchema } from './schema.ts';

/** The schema of advanced hunting in Microsoft Defender XDR. */
export function huntingSchema(): HuntingSchema {
  return readSchema(file, 'hunting-schema.json').schema;
}
