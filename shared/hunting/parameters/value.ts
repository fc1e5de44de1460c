/**
 * A value as KQL writes it, and what to compare it by. Nothing of the value's own text gets into the literal
 * unless it has the type's exact form; of strings only printable ASCII without quotes and backslashes does.
 */
export interface Literal {
  readonly kql: string;
  /** Order among values of one type; undefined where the type has none. */
  readonly order?: bigint | number | undefined;
}

/** What is wrong with a value, as the rest of a sentence: `is no whole number`. It never repeats the value. */
export class ValueFault extends Error {}
