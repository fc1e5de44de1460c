import type { Command } from 'commander';
import { printJson } from '../../output/json.ts';
import { misleadingNames, readLabSettings } from './lab-settings.ts';

const EXAMPLES = `
Examples:
  $ eval "$(outrider lab env)"                          this shell's commands run in the lab from now on
  $ outrider lab env --settings > local.settings.json   for "func start" in dist/app`;

/** `outrider lab env`: the settings of the running lab. */
export function registerEnv(lab: Command): void {
  lab
    .command('env')
    .description('Print the settings of the running lab as shell exports.')
    .option('--settings', 'as a local.settings.json')
    .option('--json', 'as a JSON object')
    .addHelpText('after', EXAMPLES)
    .action(printEnvironment);
}

async function printEnvironment(options: { settings?: boolean; json?: boolean }): Promise<void> {
  const settings = await readLabSettings();
  if (options.json) return printJson(settings);
  const text = options.settings
    ? JSON.stringify({ IsEncrypted: false, Values: settings }, undefined, 2)
    : shellLines(settings, misleadingNames(settings));
  process.stdout.write(`${text}\n`);
}

function shellLines(settings: Readonly<Record<string, string>>, unwanted: readonly string[]): string {
  return [
    ...unwanted.map((name) => `unset ${name}`),
    ...Object.entries(settings).map(([name, value]) => `export ${name}=${quoted(value)}`),
  ].join('\n');
}

/** For POSIX shells: nothing is special inside single quotes but the quote itself. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
