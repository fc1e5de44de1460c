import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InvocationContext } from '@azure/functions';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { invocationLog } from '../../../shared/http/invocation-log.ts';
import { ROUTES } from '../../../shared/http/routes-table.ts';
import { propertyOf } from '../checks/walk.ts';
import { evaluate } from '../evaluate.ts';
import { infra, type Project, ROOT } from '../project.ts';
import { spoilt } from '../samples.ts';
import { deployedRules, type Rule, workbookQueries } from './deployed.ts';
import { type Emitted, emittedEvents, eventsIn } from './emitted.ts';
import { firingTests } from './firing.ts';
import { bind } from './logs.ts';
import { playDeployment } from './played.ts';
import { ruleFaults } from './rules.ts';
import { runQuery } from './run-query.ts';

vi.setConfig({ testTimeout: 60_000 });

let project: Project;
let rules: readonly Rule[];
let questions: ReadonlyMap<string, string>;
let emitted: Emitted;
let codes: ReadonlySet<string>;

beforeAll(async () => {
  project = await infra();
  rules = deployedRules(project);
  questions = new Map([
    ...rules.map(({ name, query }) => [`alert ${name}`, query] as const),
    ...[...workbookQueries(project)].map(([name, query]) => [`workbook ${name}`, query] as const),
  ]);
  emitted = await emittedEvents();
  const errors = await readFile(join(ROOT, 'shared/errors.ts'), 'utf8');
  codes = new Set([...errors.matchAll(/^ {2}\| '([\w.]+)'/gm)].map(([, code]) => code ?? ''));
  // The language service takes its time once, whatever is asked first.
  for (const query of questions.values()) bind(query);
}, 60_000);

/** Quoted words with a dot in them: names of events and codes. */
function namesIn(query: string): string[] {
  return [...query.matchAll(/'([a-z]+\.[a-z_]+)'/g)].map(([, name]) => name ?? '');
}

/** Names that nothing emits, and fields that none of the events has with which they are asked. */
function unknownIn(query: string): string[] {
  const names = namesIn(query).filter((name) => !emitted.has(name) && !codes.has(name));
  // Each time that events are asked for anew, up to the next time or the end of a let.
  const fields = query.split(/OutriderEvents|\(AppTraces|;|\bunion\b/).flatMap((part) => {
    const events = namesIn(part).filter((name) => emitted.has(name));
    return (
      [...part.matchAll(/Fields\.(\w+)/g)]
        .map(([, field]) => field ?? '')
        // What events.kql takes out of every line is there, or empty.
        .filter((field) => !['event', 'tenant', 'code'].includes(field))
        .filter((field) => events.length > 0 && !events.some((event) => emitted.get(event)?.has(field)))
        .map((field) => `${field} of ${events.join(', ')}`)
    );
  });
  return [...names, ...fields];
}

/** Quoted words with a hyphen in them, that are names of functions, but of none that is registered. */
function unknownFunctions(query: string): string[] {
  const names = new Set<string>(ROUTES.map(({ name }) => name));
  return [...query.matchAll(/'([a-z]+(?:-[a-z]+)+)'/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => !names.has(name));
}

describe('the questions of alerts and workbook', () => {
  it('are bound by Kusto’s own service without an error', () => {
    expect(questions.size).toBeGreaterThan(20);
    for (const [name, query] of questions) expect(bind(query).errors, name).toEqual([]);
  });

  it('or else: a column, a function or an operator that there is not', () => {
    expect(bind('AppTraces | where Nothing == 1').errors.join()).toContain('Nothing');
    expect(bind('AppTraces | extend x = todate(Message)').errors.join()).toContain('todate');
    expect(bind('AppTraces | sumarize count()').errors).not.toEqual([]);
    expect(bind('AppRequests | summarize sum(Name)').errors.join()).toContain('Name');
  });

  it('ask for events, codes and fields that the code really emits', () => {
    for (const [name, query] of questions) expect(unknownIn(query), name).toEqual([]);
    expect(emitted.get('sync.run')).toContain('stored');
    expect(emitted.get('sync.run_failed')).toContain('trackingId');
  });

  it('ask for functions that there are', () => {
    for (const [name, query] of questions) expect(unknownFunctions(query), name).toEqual([]);
    expect(unknownFunctions("AppRequests | where OperationName in ('get-health', 'list-incident')")).toEqual([
      'list-incident',
    ]);
  });

  it('or else: an event, a code or a field that nothing emits', () => {
    expect(unknownIn("OutriderEvents | where Event == 'sync.ran'")).toEqual(['sync.ran']);
    expect(unknownIn("OutriderEvents | where Code == 'auth.expired'")).toEqual(['auth.expired']);
    expect(unknownIn("OutriderEvents | where Event == 'sync.run' | project Fields.colour")).toEqual([
      'colour of sync.run',
    ]);
  });
});

it('the workbook shows tenants, freshness, calls, hunts and deliveries', () => {
  expect([...questions.keys()]).toEqual(
    expect.arrayContaining(
      ['tenants', 'freshness', 'calls', 'hunts', 'announced', 'findings', 'fetched', 'fetched-last'].map(
        (name) => `workbook ${name}`,
      ),
    ),
  );
  // Nothing of the stand-in for events is left in what is deployed, and all of it is asked in the time that is chosen.
  expect(
    [...questions].filter(([name, query]) => name.startsWith('workbook') && /OutriderEvents/.test(query)),
  ).toEqual([]);
});

describe('alerts', () => {
  const queryOf = (name: string): string => rules.find((rule) => rule.name === name)?.query ?? '';

  it('are those that the house promises', () => {
    expect(rules.map(({ name }) => name).sort()).toEqual(
      [
        'api-5xx',
        'credential',
        'credential-expiring',
        'heartbeat',
        'hunts-failing',
        'poisoned',
        'quota',
        'sync-failing',
        'tenant-not-fresh',
      ].sort(),
    );
  });

  it('are told apart by tenant where they say so', () => {
    const lost = (of: readonly Rule[]) =>
      of.filter(({ query, byTenant }) => byTenant && !bind(query).columns.includes('Tenant'));
    expect(rules.flatMap(({ name, byTenant }) => (byTenant ? [name] : [])).sort()).toEqual([
      'credential',
      'credential-expiring',
      'hunts-failing',
      'quota',
      'sync-failing',
      'tenant-not-fresh',
    ]);
    expect(lost(rules)).toEqual([]);
    const [first] = rules.filter(({ byTenant }) => byTenant);
    expect(first && lost([{ ...first, query: `${first.query}\n| project-away Tenant` }])).toHaveLength(1);
  });

  it('know every event of a message that was given up, and there is one for every queue', async () => {
    const given = [...emitted.keys()].filter((event) => /poison/.test(event));
    const queues = (await readdir(join(ROOT, 'functions'))).filter((file) =>
      file.startsWith('record-poisoned-'),
    );
    expect(given.length).toBeGreaterThanOrEqual(queues.length);
    const played = playDeployment({});
    for (const event of given) played.say(event);
    const told = runQuery(queryOf('poisoned'), played.logs()).map(({ Event }) => Event);
    expect(told.sort()).toEqual(given.sort());
  });

  it('know every code of a credential that is refused or has expired', () => {
    const about = [...codes].filter((code) =>
      /^auth\.(secret|certificate|assertion)_|^vault\.(?!unavailable)/.test(code),
    );
    expect(about.length).toBeGreaterThan(5);
    expect(about.filter((code) => !namesIn(queryOf('credential')).includes(code))).toEqual([]);
  });

  it('fire for a row, end by themselves, and tell those who are to be told, as often as Azure allows', () => {
    expect(rules.flatMap(ruleFaults)).toEqual([]);
  });

  it.each([
    ['enabled is not true', 'enabled: true', 'enabled: false'],
    ['autoMitigate is not true', 'autoMitigate: true', 'autoMitigate: false'],
    ['skipQueryValidation is not', 'skipQueryValidation: true', 'skipQueryValidation: false'],
    ['scopes is not', 'scopes: [workspaceId]', 'scopes: []'],
    ['condition is not', "operator: 'GreaterThan'", "operator: 'LessThan'"],
    ['condition is not', 'threshold: 0', 'threshold: 1'],
    ['condition is not', 'rule.byTenant ?', '!rule.byTenant ?'],
    ['condition is not', 'minFailingPeriodsToAlert: 1', 'minFailingPeriodsToAlert: 2'],
    ['actions is not', '[actionGroupId] }', '[] }'],
    ['severity is not 0 to 4', 'severity: 0', 'severity: 5'],
    ['Azure does not ask P2D', "every: 'PT1H'", "every: 'P2D'"],
    ['Azure does not look back P7D', "window: 'P2D'", "window: 'P7D'"],
    ['less far than it asks seldom', "window: 'PT15M'", "window: 'PT1M'"],
    ['names no runbook', 'operations.md, alert ', 'operations.md, '],
  ])('or else: %s', async (text, from, to) => {
    const wrong = deployedRules(await spoilt(project, 'modules/alerts.bicep', from, to));
    expect(wrong.flatMap(ruleFaults).join('\n')).toContain(text);
  });

  it('are only shown where nobody is named', async () => {
    const file = project.get('modules/alerts.bicep');
    const actions = propertyOf(
      file?.resources.find(({ name }) => name === 'alerts')?.value,
      'properties',
      'actions',
    );
    if (!file || !actions) throw new Error('The template of alerts has no actions.');
    expect(evaluate(file, actions, new Map([['actionGroupId', '']]))).toEqual({ actionGroups: [] });
  });

  it('have a runbook', async () => {
    const operations = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
    const without = (text: string) =>
      rules.map(({ name }) => name).filter((name) => !text.includes(`\`${name}\``));
    expect(without(operations)).toEqual([]);
    expect(without(operations.replaceAll('`heartbeat`', ''))).toEqual(['heartbeat']);
  });
});

describe('alerts, asked of the log that the real timer and the real sync write', () =>
  firingTests(() => rules));

it('a log line is what events.kql takes it for', async () => {
  const lines: string[] = [];
  const context = {
    invocationId: 'i',
    info: (line: string) => void lines.push(line),
  } as unknown as InvocationContext;
  invocationLog(context).info('sync.run', { tenant: 't' });
  expect(JSON.parse(lines[0] ?? '')).toEqual({ event: 'sync.run', correlationId: 'i', tenant: 't' });
  const text = await readFile(join(ROOT, 'infra/alerts/events.kql'), 'utf8');
  for (const needed of ["Message startswith '{'", 'Fields.event', 'Fields.tenant', 'Fields.code']) {
    expect(text).toContain(needed);
  }
  // It stands inside a JSON text when the workbook asks.
  expect(text).not.toMatch(/["\\]|\/\//);
});

it('events are found in the code however they are written', () => {
  const events = new Map<string, Set<string>>();
  const text = `const log = withFields(dependencies.log, { tenant });
    const fields = { a: 1, b };
    log.info('x.one', fields); context.log.warn('x.two', { ...fields, c: 2 }); log.error('x.three'); sink.error('no.event');`;
  eventsIn(text, events);
  expect([...events.keys()]).toEqual(['x.one', 'x.two', 'x.three']);
  expect([...(events.get('x.two') ?? [])]).toEqual(['event', 'correlationId', 'tenant', 'a', 'b', 'c']);
});
