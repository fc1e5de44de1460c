import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Outrider } from '../../shared/app.ts';
import { readConfig } from '../../shared/config.ts';
import type { IncidentSource, ReceivedIncident } from '../../shared/incidents/ports.ts';
import type { ApiFamily, Tenant } from '../../shared/tenant.ts';
import { msFromPadded, paddedFromMs } from '../../shared/time.ts';
import { allTenants } from '../all-tenants.ts';
import { ago, counted } from '../output/amounts.ts';
import { EXIT, fail } from '../output/failure.ts';
import { printJson } from '../output/json.ts';
import { createProgress } from '../output/progress.ts';
import { createScreen, type Screen, type Style } from '../output/screen.ts';
import { table } from '../output/table.ts';
import type { PlaceToRead } from '../sign-in/person-tenants.ts';
import { type ActAs, asOption, signInAs } from '../sign-in/sign-in-as.ts';

const EXAMPLE = '\nExample:\n  $ outrider lab exec -- outrider incidents list --hours 48\n';
const HOUR_MS = 3_600_000;
const MOST_HOURS = 24 * 180;

interface ListOptions {
  readonly hours: number;
  readonly tenant?: string;
  readonly api?: ApiFamily;
  readonly json?: boolean;
  readonly as?: ActAs;
}

/** In whose name which tenants are read, and by what. */
interface Reading {
  readonly tenants: readonly PlaceToRead[];
  readonly sourceFor: (tenant: Pick<Tenant, 'api'>) => IncidentSource;
}

/** An incident with the tenant it belongs to. */
interface Found {
  readonly tenant: PlaceToRead;
  readonly incident: ReceivedIncident;
}

/** `outrider incidents …`: incidents straight from the API, with the sign-in that the environment configures. */
export function registerIncidents(program: Command): void {
  const incidents = program
    .command('incidents')
    .description('Look at incidents, straight from the API.')
    .addHelpText('after', EXAMPLE);
  incidents
    .command('list')
    .description('List the incidents that were updated in the last hours, newest first.')
    .requiredOption('--hours <n>', 'how far back to look', hours, 24)
    .option('--tenant <id or name>', 'one tenant only (default: all; of a person the one signed in to)')
    .addOption(
      new Option('--api <family>', 'read this API, whatever the tenant is set to').choices(['graph', 'xdr']),
    )
    .option('--json', 'one JSON array of incidents as received')
    .addOption(asOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options: ListOptions) => listIncidents(await readingFor(options), options));
}

function hours(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= MOST_HOURS) return value;
  throw new InvalidArgumentError(`It must be a number of hours above 0, up to ${MOST_HOURS}.`);
}

async function readingFor({ as: wanted, tenant }: ListOptions): Promise<Reading> {
  const config = readConfig();
  const as = await signInAs(wanted, config);
  if (as.person) {
    const { createPersonSources } = await import('../sign-in/person-sources.ts');
    const { placesOfPerson } = await import('../sign-in/person-tenants.ts');
    const sources = createPersonSources(as);
    const tenants = await placesOfPerson(config, { person: as.person, cloud: as.cloud }, { tenant });
    return { tenants, sourceFor: ({ api }) => sources.incidents(api) };
  }
  const { createOutrider } = await import('../../shared/app.ts');
  const outrider = createOutrider(config);
  return { tenants: await chosenTenants(outrider, tenant), sourceFor: outrider.sourceFor };
}

async function listIncidents({ tenants, sourceFor }: Reading, options: ListOptions): Promise<void> {
  const screen = createScreen();
  const progress = createProgress(createScreen(process.stderr), 'tenants');
  const found: Found[] = [];
  const failures: string[] = [];
  for (const [index, tenant] of tenants.entries()) {
    if (tenants.length > 1) progress.set('reading', index, tenants.length);
    try {
      const source = sourceFor(options.api ? { ...tenant, api: options.api } : tenant);
      const incidents = await incidentsOf(source, tenant.id, options.hours);
      found.push(...incidents.map((incident) => ({ tenant, incident })));
    } catch (error) {
      failures.push(`${tenant.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  progress.stop();
  found.sort((a, b) => (a.incident.lastUpdate < b.incident.lastUpdate ? 1 : -1));
  if (options.json)
    printJson(found.map(({ tenant, incident }) => ({ tenantId: tenant.id, ...JSON.parse(incident.text) })));
  else if (failures.length < tenants.length) show(screen, found, tenants, options.hours);
  if (failures.length > 0) fail(EXIT.no, failures.join(' '));
}

async function chosenTenants(outrider: Outrider, wanted: string | undefined): Promise<readonly Tenant[]> {
  const { config } = outrider;
  const all = await allTenants(outrider);
  const enabled = all.filter((tenant) => tenant.enabled);
  const isWanted = ({ id, name }: Tenant): boolean =>
    wanted === undefined || [id, name.toLowerCase()].includes(wanted.toLowerCase());
  const chosen = enabled.filter(isWanted);
  if (chosen.length > 0) return chosen;
  const idle = wanted === undefined ? undefined : all.find(isWanted);
  if (idle !== undefined) {
    fail(
      EXIT.usage,
      `The tenant ${idle.name} is not in service, so nothing is asked of it. Resume it, or enable it in OUTRIDER_TENANTS.`,
    );
  }
  if (wanted !== undefined && enabled.length > 0) {
    fail(EXIT.usage, `There is no tenant ${wanted}. Known: ${enabled.map(({ name }) => name).join(', ')}.`);
  }
  const faults = config.faults.map(({ text }) => text).join(' ');
  return fail(
    EXIT.usage,
    `No tenant is configured: set OUTRIDER_TENANT_ID or OUTRIDER_TENANTS, or register one. ${faults} In the lab: outrider lab exec -- outrider incidents list.`,
  );
}

async function incidentsOf(
  source: IncidentSource,
  tenant: string,
  back: number,
): Promise<ReceivedIncident[]> {
  const window = { from: paddedFromMs(Date.now() - back * HOUR_MS) };
  const byId = new Map<string, ReceivedIncident>();
  for await (const page of source.incidentPages({
    tenant,
    window,
    top: source.maxTop,
    withAlerts: true,
  })) {
    // The list is live: what moves while it is read comes twice.
    for (const incident of page.items) byId.set(incident.id, incident);
  }
  return [...byId.values()];
}

const SEVERITY_STYLES: Readonly<Record<string, Style>> = { high: 'red', medium: 'yellow', low: 'cyan' };

function show(screen: Screen, found: readonly Found[], tenants: readonly PlaceToRead[], back: number): void {
  const now = Date.now();
  const several = tenants.length > 1;
  if (found.length > 0) {
    screen.line(
      table<Found>(
        [
          {
            title: 'Severity',
            text: ({ incident }) => incident.severity,
            style: ({ incident }) => SEVERITY_STYLES[incident.severity],
          },
          { title: 'Id', text: ({ incident }) => incident.id, align: 'right' },
          ...(several ? [{ title: 'Tenant', text: ({ tenant }: Found) => tenant.name, shrinkTo: 8 }] : []),
          { title: 'Title', text: ({ incident }) => incident.title, shrinkTo: 20 },
          { title: 'Status', text: ({ incident }) => incident.status },
          { title: 'Alerts', text: ({ incident }) => String(incident.alertCount ?? '-'), align: 'right' },
          { title: 'Updated', text: ({ incident }) => ago(now - msFromPadded(incident.lastUpdate)) },
          // Never cut: half a link is none. A narrow terminal wraps it.
          { title: 'Link', text: ({ incident }) => incident.webUrl ?? '' },
        ],
        found,
        { screen },
      ),
    );
  }
  const where = several ? counted(tenants.length, 'tenant') : (tenants[0]?.name ?? '');
  screen.line(
    `${counted(found.length, 'incident')} updated in the last ${counted(back, 'hour')} in ${where}.`,
  );
}
