import { everyTable, noTimeFilter, tooManyRows } from './amounts.ts';
import { textAgainstNumber } from './comparisons.ts';
import { elsewhere } from './elsewhere.ts';
import { externalData } from './external-data.ts';
import { findingColumns, namedColumns } from './findings.ts';
import { deprecatedTables, undocumentedColumns, undocumentedTables, workspaceTime } from './known-tables.ts';
import { parameterTwice } from './parameter-twice.ts';
import type { Rule } from './rule.ts';
import { containsAWord } from './words.ts';

/** Everything that is looked for beside what the language service finds; a new rule is a file and a line here. */
export const RULES: readonly Rule[] = [
  elsewhere,
  parameterTwice,
  findingColumns,
  namedColumns,
  externalData,
  deprecatedTables,
  undocumentedTables,
  undocumentedColumns,
  workspaceTime,
  textAgainstNumber,
];

/** How a query could do with less. Only for one without errors: with a name unknown, a filter may not look like one. */
export const ADVICE: readonly Rule[] = [noTimeFilter, tooManyRows, everyTable, containsAWord];
