import type { Diagnostic } from '../../ports.ts';
import { found } from '../codes.ts';
import { kusto, listOf } from '../kusto.ts';
import { placeOf } from '../query-context.ts';
import { isKind, statementsOf } from '../tree.ts';
import type { Rule } from './rule.ts';

/** A text that is a command of Kusto. To parse it takes seconds, for the grammar of all commands. */
export function command(text: string): Diagnostic | undefined {
  if (isQuery(text)) return undefined;
  const start = Math.max(0, text.search(/\S/));
  return found('KQL102', { start, length: 1 }, 'A management command, which hunting does not run.');
}

const isQuery = (text: string): boolean => kusto.KustoCode.GetKind(text) === 'Query';

/**
 * The text is one query. Its finding stands for all others where there is one: what the language service says of two
 * queries read as one is beside the point.
 */
export const oneQuery: Rule = ({ code, root, text, globals }) => {
  const queries = statementsOf(root).filter((statement) => isKind(statement, 'ExpressionStatement'));
  const [first, second] = queries;
  if (first === undefined && listOf(code.GetSyntaxDiagnostics()).length === 0) {
    return [
      found(
        'KQL101',
        { start: 0, length: 0 },
        'There is no query in the text, only blanks, comments or let statements.',
      ),
    ];
  }
  if (second !== undefined && listOf(code.GetSyntaxDiagnostics()).length === 0) {
    return [several(placeOf(second))];
  }
  return separatedByBlankLines({ text, globals, code });
};

/** Query editors run what stands between blank lines; the service takes the whole text for one query. */
function separatedByBlankLines({
  text,
  globals,
  code,
}: Pick<Parameters<Rule>[0], 'text' | 'globals' | 'code'>): readonly Diagnostic[] {
  if (listOf(code.GetSyntaxDiagnostics()).length === 0) return [];
  const blocks = listOf<{ readonly Start: number; readonly Text: string }>(
    kusto.Editor.CodeScript.From$1(text, globals).Blocks,
  ).filter((block) => block.Text.replaceAll(/\/\/.*/g, '').trim() !== '');
  const second = blocks[1];
  if (second === undefined || !blocks.every((block) => isWholeQuery(block.Text, globals))) return [];
  const start = second.Start + second.Text.search(/\S/);
  return [several({ start, length: 1 })];
}

function isWholeQuery(text: string, globals: Parameters<Rule>[0]['globals']): boolean {
  if (!isQuery(text)) return true;
  const code = kusto.KustoCode.Parse(text, globals);
  return (
    listOf(code.GetSyntaxDiagnostics()).length === 0 &&
    statementsOf(code.Syntax).some((statement) => isKind(statement, 'ExpressionStatement'))
  );
}

const several = (place: { readonly start: number; readonly length: number }): Diagnostic =>
  found('KQL103', place, 'A second query begins here. Put each query into an entry of its own.');
