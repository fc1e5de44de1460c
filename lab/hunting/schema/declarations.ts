import { readFileSync } from 'node:fs';
import { z } from 'zod';

const declarations = z.strictObject({
  tables: z.record(z.string(), z.string()),
  functions: z.record(z.string(), z.strictObject({ parameters: z.string(), body: z.string() })),
});

/** Tables with their columns, `(Timestamp:datetime, …)`, and functions, as KQL declares them. */
export type Declarations = z.infer<typeof declarations>;

/** Reads the file beside; see README.md for where it comes from. */
export function readDeclarations(): Declarations {
  const text = readFileSync(new URL('./hunting-schema.json', import.meta.url), 'utf8');
  return declarations.parse(JSON.parse(text));
}
