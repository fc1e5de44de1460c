import type { Diagnostic } from '../../ports.ts';
import type { QueryContext } from '../query-context.ts';

/** One thing to look for in a bound query. */
export type Rule = (context: QueryContext) => readonly Diagnostic[];
