import { readFile } from 'node:fs/promises';
import { huntingSchema } from '../../../shared/hunting/kql/default-schema.ts';
import { type HuntingSchema, mergeSchemas, readSchema } from '../../../shared/hunting/kql/schema.ts';
import { EXIT, fail, messageOf } from '../../output/failure.ts';

/**
 * The schema of advanced hunting with what a file adds to it, or the file's alone where it says `"alone": true`.
 *
 * @throws CommandFailure for a file that cannot be read, OutriderError `config.invalid` for one that is no schema
 */
export async function schemaWith(file: string): Promise<HuntingSchema> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    return fail(EXIT.usage, `The schema ${file} cannot be read: ${messageOf(error)}`);
  }
  const { schema, alone } = readSchema(value, file);
  return alone ? schema : mergeSchemas(huntingSchema(), schema);
}
