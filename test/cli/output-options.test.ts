import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/main.ts';
import { addOutputOptions } from '../../cli/output/output-options.ts';

const outputOf = (...words: readonly string[]): unknown =>
  addOutputOptions(new Command(), ['table', 'json', 'csv'])
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(words, { from: 'user' })
    .opts().output;

describe('how data is printed', () => {
  it('is the first form, the one that is named, or JSON', () => {
    expect(outputOf()).toBe('table');
    expect(outputOf('--output', 'csv')).toBe('csv');
    expect(outputOf('--json')).toBe('json');
    expect(outputOf('--output', 'csv', '--json')).toBe('csv');
    expect(() => outputOf('--output', 'xml')).toThrow(/Allowed choices are table, json, csv/);
  });

  const commands = (parent: Command): readonly Command[] =>
    parent.commands.flatMap((command) => [command, ...commands(command)]);
  const withOutput = commands(createProgram()).filter(({ options }) =>
    options.some(({ long, argChoices }) => long === '--output' && argChoices?.includes('json')),
  );

  it.each(withOutput.map((command) => [`${command.parent?.name()} ${command.name()}`, command] as const))(
    'is JSON by --json of outrider %s, too',
    (_, command) => {
      const option = command.options.find(({ long }) => long === '--json');
      expect(option?.description).toMatch(/^the same as --output json/);
    },
  );
});
