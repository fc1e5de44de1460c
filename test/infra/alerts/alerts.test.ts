import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InvocationContext } from '@azure/functions';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { invocationLog } from '../../../shared/http/invocation-log.ts';
import { infra, type Project, ROOT } from '../project.ts';
import { deployedRules, type Rule, workbookQueries } from './deployed.ts';
import { type Emitted, emittedEvents, eventsIn } from './emitted.ts';
import { firingTests } from './firing.ts';
import { bind } from './logs.ts';
import { playDeployment } from './played.ts';
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
      ['tenants', 'freshness', 'calls', 'hunts', 'announced', 'findings'].map((name) => `workbook ${name}`),
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
    for (const { name, query, byTenant } of rules) {
      if (byTenant) expect(bind(query).columns, name).toContain('Tenant');
    }
    expect(rules.filter(({ byTenant }) => byTenant).length).toBeGreaterThan(3);
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

  it('ask as often and look as far back as Azure allows', () => {
    // https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
    const minutes: Readonly<Record<string, number>> = {
      PT5M: 5,
      PT10M: 10,
      PT15M: 15,
      PT30M: 30,
      PT45M: 45,
      PT1H: 60,
      PT2H: 120,
      PT3H: 180,
      PT4H: 240,
      PT5H: 300,
      PT6H: 360,
      P1D: 1_440,
      P2D: 2_880,
    };
    for (const { name, every, window } of rules) {
      expect(minutes[every], name).toBeLessThanOrEqual(1_440);
      expect(minutes[window], name).toBeGreaterThanOrEqual(minutes[every] ?? Number.POSITIVE_INFINITY);
    }
  });

  it('have a runbook', async () => {
    const operations = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
    for (const { name } of rules) expect(operations.includes(`\`${name}\``), name).toBe(true);
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
