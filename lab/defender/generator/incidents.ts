import type { Classification, Severity } from '../graph-types.ts';
import type { Random } from '../random.ts';
import type { AlertInit, IncidentInit } from '../tenant.ts';
import { formatTime } from '../times.ts';
import { createAlert } from './alerts.ts';
import type { Cast } from './evidence.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import type { World } from './world.ts';

const SEVERITIES: readonly Severity[] = ['informational', 'low', 'medium', 'high'];
const TAGS = ['Credential phish', 'Ransomware', 'Red team', 'Finance', 'Crown jewels'];

/** A new incident and the scenario it follows, which its later alerts continue. */
export interface Plot {
  readonly scenario: Scenario;
  /** The place in the scenario of the incident's first alert. */
  readonly firstStage: number;
  readonly cast: Cast;
  readonly init: IncidentInit & { readonly alerts: readonly AlertInit[] };
}

/**
 * An incident with alerts and evidence, active and not yet looked at.
 * @param at milliseconds since 1970: when it was made
 * @param alertCount how many alerts; default one to all stages that are left of its scenario
 */
export function createPlot(random: Random, world: World, at: number, alertCount?: number): Plot {
  const scenario = random.pick(SCENARIOS);
  const cast: Cast = {
    users: random.shuffle(world.users).slice(0, random.int(1, 3)),
    devices: random.shuffle(world.devices).slice(0, random.int(1, 4)),
    programs: world.programs,
  };
  // Not every attack is seen from its first stage on.
  const firstStage = random.int(0, scenario.stages.length - 1);
  const count = alertCount ?? random.int(1, scenario.stages.length - firstStage);
  const alerts = Array.from({ length: count }, (_, place) =>
    createAlert(
      random,
      stageOf(scenario, firstStage + place),
      cast,
      at - (count - place) * random.int(100, 900),
    ),
  );
  const time = formatTime(at, random.int(0, 9_999));
  return {
    scenario,
    firstStage,
    cast,
    init: {
      displayName: titleOf(alerts, cast),
      severity: highest(alerts),
      createdDateTime: time,
      lastUpdateDateTime: time,
      customTags: random.chance(0.3) ? random.shuffle(TAGS).slice(0, random.int(1, 2)) : [],
      systemTags: random.chance(0.05) ? ['Defender Experts'] : [],
      description: random.chance(0.5) ? `Signs of ${scenario.name} that belong together.` : null,
      lastModifiedBy: 'Microsoft 365 Defender-IncidentCreation',
      priorityScore: random.int(1, 100),
      alerts,
    },
  };
}

export function stageOf(scenario: Scenario, place: number): Scenario['stages'][number] {
  const stage = scenario.stages[place % scenario.stages.length];
  if (!stage) throw new Error(`scenario ${scenario.name} has no stages`);
  return stage;
}

/** How an analyst judges it. */
export function createVerdict(
  random: Random,
  scenario: Scenario,
): { classification: Classification; determination: string } {
  return random.pick([
    { classification: 'truePositive', determination: scenario.determination },
    { classification: 'truePositive', determination: scenario.determination },
    {
      classification: 'falsePositive',
      determination: random.pick(['notMalicious', 'notEnoughDataToValidate']),
    },
    {
      classification: 'informationalExpectedActivity',
      determination: random.pick(['securityTesting', 'lineOfBusinessApplication', 'confirmedActivity']),
    },
  ] as const);
}

function titleOf(alerts: readonly AlertInit[], cast: Cast): string {
  const where = alerts.some((alert) =>
    alert.evidence?.some((item) => item['@odata.type'].endsWith('.deviceEvidence')),
  )
    ? `on ${cast.devices.length > 1 ? 'multiple endpoints' : 'one endpoint'}`
    : `involving ${cast.users.length > 1 ? 'multiple users' : 'one user'}`;
  const [first] = alerts;
  const categories = [...new Set(alerts.map((alert) => alert.category ?? ''))].map(words);
  if (categories.length < 2) return `${first?.title ?? 'Suspicious activity'} ${where}`;
  const sources = new Set(alerts.map((alert) => alert.serviceSource)).size;
  const reported = sources > 1 ? ' reported by multiple sources' : '';
  return `Multi-stage incident involving ${categories[0]} & ${categories[1]} ${where}${reported}`;
}

/** `InitialAccess` as in a title: `Initial access`. */
const words = (category: string): string =>
  category.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function highest(alerts: readonly AlertInit[]): Severity {
  const ranks = alerts.map((alert) => SEVERITIES.indexOf(alert.severity ?? 'medium'));
  return SEVERITIES[Math.max(...ranks)] ?? 'medium';
}
