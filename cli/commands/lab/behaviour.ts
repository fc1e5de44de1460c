import type { Command } from 'commander';
import { callLab } from '../../../lab/control/running-lab.ts';
import { EXIT, fail } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import { table } from '../../output/table.ts';

const EXAMPLES = `
Examples:
  $ outrider lab behaviour                            all settings and their values
  $ outrider lab behaviour pageShift=arrive           a new incident arrives before every next page
  $ outrider lab behaviour expand=fail expandAlertLimit=50 tokenLifeMs=null`;

/** `outrider lab behaviour`: how the running lab's Defender behaves where Microsoft's documents are silent. */
export function registerBehaviour(lab: Command): void {
  lab
    .command('behaviour')
    .description("Print or change how the running lab's Defender behaves (lab/defender/settings.ts).")
    .argument('[setting=value...]', 'what to change; the next request follows')
    .option('--json', 'as a JSON object')
    .addHelpText('after', EXAMPLES)
    .action(changeBehaviour);
}

async function changeBehaviour(pairs: readonly string[], options: { json?: boolean }): Promise<void> {
  const change = Object.fromEntries(pairs.map(readPair));
  const settings = (await (pairs.length === 0
    ? callLab('GET', '/defender')
    : callLab('PATCH', '/defender', change))) as Readonly<Record<string, unknown>>;
  if (options.json) return printJson(settings);
  const screen = createScreen();
  const columns = [
    { title: 'Setting', text: ([name]: readonly [string, unknown]) => name },
    { title: 'Value', text: ([, value]: readonly [string, unknown]) => String(value) },
  ];
  const rows = Object.entries(settings).filter(([name]) => pairs.length === 0 || name in change);
  screen.line(table(columns, rows, { screen }));
}

function readPair(pair: string): readonly [string, unknown] {
  const [, name, text] = /^([A-Za-z]+)=(.*)$/s.exec(pair) ?? [];
  if (name === undefined || text === undefined) {
    return fail(EXIT.usage, `lab behaviour: ${pair} is not of the form setting=value.`);
  }
  return [name, readValue(text)];
}

/** `true`, `null` and numbers as such, everything else as a word. */
function readValue(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text === 'null') return null;
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
