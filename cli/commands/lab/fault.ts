import { type Command, InvalidArgumentError, Option } from 'commander';
import { callLab } from '../../../lab/control/running-lab.ts';
import type { ListedFault } from '../../../lab/net/faults.ts';
import { printJson } from '../../output/json.ts';
import { createScreen } from '../../output/screen.ts';
import { type Column, table } from '../../output/table.ts';
import { tenantId } from './tenant-id.ts';

const ADD_EXAMPLES = `
Examples:
  $ outrider lab fault add --service graph --tenant Fabrikam --status 429 --retry-after 5 --times 3
  $ outrider lab fault add --service entra --delay 8000
  $ outrider lab fault add --service table --cut answer --probability 0.1`;

const EXAMPLES = `
Examples:
  $ outrider lab fault add --service xdr --status 503 --times 5
  $ outrider lab fault list
  $ outrider lab fault clear`;

interface AddOptions {
  readonly service?: string;
  readonly tenant?: string;
  readonly method?: string;
  readonly path?: string;
  readonly pattern?: string;
  readonly status?: number;
  readonly retryAfter?: string;
  readonly delay?: number;
  readonly cut?: string;
  readonly body?: string;
  readonly times?: number;
  readonly after?: number;
  readonly probability?: number;
  readonly json?: boolean;
}

/** `outrider lab fault`: makes the stand-ins of the running lab fail. The product knows nothing of it. */
export function registerFault(lab: Command): void {
  const fault = lab
    .command('fault')
    .description('Make services of the running lab fail: status, delay, cut connections.')
    .addHelpText('after', EXAMPLES);
  registerAdd(fault);
  fault
    .command('list')
    .description('Print the rules, and how often each matched and struck.')
    .option('--json', 'as a JSON array')
    .addHelpText('after', '\nExample:\n  $ outrider lab fault list')
    .action(listFaults);
  fault
    .command('clear')
    .description('Remove one rule, or all.')
    .argument('[id]', 'the rule; all when missing')
    .addHelpText('after', '\nExamples:\n  $ outrider lab fault clear\n  $ outrider lab fault clear 2')
    .action(clearFaults);
}

function registerAdd(fault: Command): void {
  fault
    .command('add')
    .description('Add a rule. Every condition that is given must hold for a request to be struck.')
    .option('--service <name>', 'entra, vault, identity, graph, xdr, blob, queue or table')
    .option('--tenant <id|name>', 'only requests for this tenant')
    .option('--method <verb>', 'only requests with this method')
    .option('--path <text>', 'only requests with this in their path and query')
    .option('--pattern <regex>', 'only requests whose path and query match')
    .option('--status <code>', 'answer with this status instead of the service', number)
    .option('--retry-after <text>', 'with --status: seconds, or a date, as the Retry-After header')
    .option('--body <text>', 'with --status: the body; default an error as the service writes it')
    .option('--delay <ms>', 'wait before anything else', number)
    .addOption(
      new Option(
        '--cut <where>',
        'cut the connection: before the service sees the request, before its answer, or in the middle of the body',
      ).choices(['before', 'answer', 'body']),
    )
    .option('--after <number>', 'let so many pass first', number)
    .option('--times <number>', 'strike so often; default always', number)
    .option('--probability <number>', '0 to 1', number)
    .option('--json', 'print the rule as JSON')
    .addHelpText('after', ADD_EXAMPLES)
    .action(addFault);
}

async function addFault({ tenant, retryAfter, delay, json, ...rest }: AddOptions): Promise<void> {
  const rule = {
    ...rest,
    ...(tenant === undefined ? {} : { tenant: await tenantId(tenant) }),
    ...(retryAfter === undefined ? {} : { retryAfter: secondsOrText(retryAfter) }),
    ...(delay === undefined ? {} : { delayMs: delay }),
  };
  const added = (await callLab('POST', '/faults', rule)) as ListedFault;
  if (json) printJson(added);
  else createScreen().line(`Rule ${added.id} is in force; end it with: outrider lab fault clear ${added.id}`);
}

async function listFaults({ json }: { readonly json?: boolean }): Promise<void> {
  const faults = (await callLab('GET', '/faults')) as readonly ListedFault[];
  if (json) return printJson(faults);
  const screen = createScreen();
  screen.line(faults.length === 0 ? 'No rule is in force.' : table(COLUMNS, faults, { screen }));
}

async function clearFaults(id: string | undefined): Promise<void> {
  await callLab('DELETE', id === undefined ? '/faults' : `/faults/${encodeURIComponent(id)}`);
}

const COLUMNS: readonly Column<ListedFault>[] = [
  { title: 'Id', text: ({ id }) => id },
  { title: 'Requests', text: conditionsOf, shrinkTo: 20 },
  { title: 'What happens', text: effectOf, shrinkTo: 20 },
  { title: 'Matched', align: 'right', text: ({ matched }) => String(matched) },
  { title: 'Struck', align: 'right', text: ({ struck, times }) => `${struck}${times ? ` of ${times}` : ''}` },
];

function conditionsOf(rule: ListedFault): string {
  const { service, method, tenant, path, pattern } = rule;
  const parts = [
    method,
    service && `to ${service}`,
    tenant && `for ${tenant}`,
    path,
    pattern && `/${pattern}/`,
  ];
  return parts.filter((part) => part !== undefined).join(' ') || 'all';
}

function effectOf({ status, retryAfter, delayMs, cut, probability }: ListedFault): string {
  const parts = [
    delayMs === undefined ? undefined : `wait ${delayMs} ms`,
    status === undefined ? undefined : `status ${status}`,
    retryAfter === undefined ? undefined : `Retry-After ${retryAfter}`,
    cut === undefined ? undefined : `cut (${cut})`,
    probability === undefined ? undefined : `with probability ${probability}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

const secondsOrText = (text: string): number | string => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
}
