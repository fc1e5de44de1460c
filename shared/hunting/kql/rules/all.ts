import { keysAreColumns, parameterTwice } from './declarations.ts';
import { elsewhere } from './elsewhere.ts';
import { deprecatedTables, undocumentedColumns, undocumentedTables, workspaceTime } from './known-tables.ts';
import type { Rule } from './rule.ts';

/** Everything that is looked for beside what the language service finds; a new rule is a file and a line here. */
export const RULES: readonly Rule[] = [
  elsewhere,
  parameterTwice,
  keysAreColumns,
  deprecatedTables,
  undocumentedTables,
  undocumentedColumns,
  workspaceTime,
];
