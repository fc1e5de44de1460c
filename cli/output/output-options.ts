import { type Command, Option } from 'commander';

/**
 * `--output <form>`, and `--json` for the form that programs read: every command that prints data has the latter.
 *
 * @param forms what it can be printed as; the first when nothing is said
 */
export function addOutputOptions<Form extends string>(
  command: Command,
  forms: readonly [Form, 'json', ...Form[]],
  description = 'how to print it',
): Command {
  return command
    .addOption(new Option('--output <form>', description).choices(forms).default(forms[0]))
    .addOption(new Option('--json', 'the same as --output json').implies({ output: 'json' }));
}
