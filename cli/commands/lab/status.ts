import type { Command } from 'commander';
import { callLab } from '../../../lab/control/running-lab.ts';
import type { LabStatus, TenantRow } from '../../../lab/session/rows.ts';
import { count } from '../../output/amounts.ts';
import { EXIT } from '../../output/failure.ts';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import { type Column, table } from '../../output/table.ts';

const EXAMPLES = `
Examples:
  $ outrider lab status
  $ until outrider lab status --json > /dev/null; do sleep 1; done   wait until it is ready`;

const number = (value: number | null): string => (value === null ? '-' : count(value));

const COLUMNS: readonly Column<TenantRow>[] = [
  { title: 'Tenant', text: ({ name }) => name, shrinkTo: 12 },
  { title: 'Id', text: ({ id }) => id },
  { title: 'Incidents', align: 'right', text: ({ incidents }) => number(incidents) },
  { title: 'Versions', align: 'right', text: ({ versions }) => number(versions) },
  { title: 'API calls', align: 'right', text: ({ apiCalls }) => number(apiCalls) },
  { title: 'Storage ops', align: 'right', text: ({ storageOps }) => number(storageOps) },
];

/** `outrider lab status`: is the lab ready, and what has it done. */
export function registerStatus(lab: Command): void {
  lab
    .command('status')
    .description('Say whether the running lab is ready, and what each tenant has. Exit code 1: it is not.')
    .option('--json', 'as a JSON object: {ready, api, tenants}')
    .addHelpText('after', EXAMPLES)
    .action(printStatus);
}

async function printStatus(options: { json?: boolean }): Promise<void> {
  const status = (await callLab('GET', '/status')) as LabStatus;
  if (options.json) printJson(status);
  else printForPeople(status);
  if (!status.ready) process.exitCode = EXIT.no;
}

function printForPeople({ ready, api, tenants }: LabStatus): void {
  const screen = createScreen();
  const where = api === null ? 'without the app' : `API at ${api}/api`;
  screen.line(
    `${ready ? screen.paint('green', 'ready') : screen.paint('yellow', 'not ready yet')}, ${where}`,
  );
  screen.line();
  screen.line(table(COLUMNS, tenants, { screen }));
}
