import type { Command } from 'commander';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { closestTo } from '../../../shared/text.ts';
import { printable, wrap } from '../../output/display-text.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { createScreen, type Screen } from '../../output/screen.ts';
import { libraryOption, openLibrary } from './library.ts';
import { parameterWords, queryForPrograms, scheduleWords } from './query-words.ts';

const WIDTH = 100;

interface ShowOptions {
  readonly library: string;
  readonly json?: boolean;
}

/** `outrider queries show ID`: 1 when there is none. */
export function registerQueriesShow(queries: Command): void {
  queries
    .command('show')
    .description('Show one query with all that is said of it.')
    .argument('<id>', 'its id, as in the list')
    .addOption(libraryOption())
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  $ outrider queries show device-recovery-sabotage')
    .action(async (id: string, { library: folder, json }: ShowOptions) => {
      const { queries: all } = await openLibrary(folder);
      const query = all.find((candidate) => candidate.id.toLowerCase() === id.toLowerCase());
      if (!query) return fail(EXIT.no, absent(id, folder, all));
      if (json) printJson(queryForPrograms(query));
      else show(createScreen(), query);
    });
}

function absent(id: string, folder: string, all: readonly HuntingQuery[]): string {
  const meant = closestTo(
    id,
    all.map((query) => query.id),
  );
  const hint = meant === undefined ? 'outrider queries list tells what there is.' : `Did you mean ${meant}?`;
  return `There is no query ${id} in ${folder}. ${hint}`;
}

function show(screen: Screen, query: HuntingQuery): void {
  screen.line(screen.paint('bold', printable(query.name)));
  for (const paragraph of [query.description, query.details]) {
    if (paragraph === undefined) continue;
    screen.line();
    for (const line of paragraph.split('\n').flatMap((text) => wrap(printable(text), WIDTH)))
      screen.line(line);
  }
  screen.line();
  for (const [label, value] of factsOf(query)) {
    if (value !== '') screen.line(`${screen.paint('dim', label.padEnd(11))} ${printable(value)}`);
  }
  for (const parameter of query.parameters) {
    screen.line(`${screen.paint('dim', 'Parameter'.padEnd(11))} ${printable(parameterWords(parameter))}`);
    if (parameter.description) screen.line(`${' '.repeat(12)}${printable(parameter.description)}`);
  }
  screen.line();
  for (const line of query.text.trimEnd().split('\n')) screen.line(lineOf(line));
}

function factsOf(query: HuntingQuery): readonly (readonly [string, string])[] {
  const { source, tenants, notRunnable } = query;
  return [
    ['Id', query.id],
    ['Severity', query.severity ?? ''],
    ['Platform', query.platform],
    ['Tactics', query.tactics.join(', ')],
    ['Techniques', query.techniques.join(', ')],
    ['Schedule', scheduleWords(query)],
    ['Tenants', tenants?.join(', ') ?? ''],
    ['Keys', query.keys.join(', ')],
    ['Tags', query.tags.join(', ')],
    ['Not run', notRunnable ?? ''],
    ['References', query.references.join(', ')],
    ['File', `${source.file}:${source.lines[0]?.line ?? 1}`],
  ];
}

/** A line of KQL: tabs stay what they look like, other control characters do not reach the terminal. */
function lineOf(line: string): string {
  return printable(line.replaceAll('\t', '    '));
}
