import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/main.ts';

const COLUMNS = 80;

type Named = readonly [name: string, command: Command];

/** Every command with its full name. */
function commands(command: Command, name = command.name()): readonly Named[] {
  return [[name, command], ...command.commands.flatMap((each) => commands(each, `${name} ${each.name()}`))];
}

function helpOf(command: Command): string {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => parts.push(part), getOutHelpWidth: () => COLUMNS });
  command.outputHelp();
  return parts.join('');
}

describe('the help of a command', () => {
  const all = commands(createProgram());

  it.each(all.filter(([, { commands: under }]) => under.length === 0))(
    '%s: has an example of it',
    (name, command) => {
      const examples = helpOf(command).split(/^Examples?:$/m)[1] ?? '';
      expect(examples).toContain(name);
    },
  );

  it.each(all)('%s: what is said fits a terminal', (_name, command) => {
    // Examples are commands to be copied, and stay in one line.
    const [generated = ''] = helpOf(command).split(/^Examples?\b/m);
    expect(generated.split('\n').filter(({ length }) => length > COLUMNS)).toEqual([]);
  });
});
