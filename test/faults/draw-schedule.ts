import { createRandom, type Random } from './random.ts';
import {
  type Change,
  type Effect,
  type Fault,
  IDS,
  type Port,
  type Schedule,
  type Step,
} from './schedule.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const SOURCE_PORTS: ReadonlySet<Port> = new Set(['list', 'next', 'get', 'alerts', 'join']);
const WRITING_PORTS: ReadonlySet<Port> = new Set(['transact', 'put', 'send']);
/** Ports by how much happens at them. */
const PORTS: readonly Port[] = [
  ...([
    'list',
    'list',
    'next',
    'next',
    'next',
    'get',
    'get',
    'alerts',
    'alerts',
    'join',
    'row',
    'row',
  ] as const),
  ...([
    'transact',
    'transact',
    'transact',
    'transact',
    'put',
    'put',
    'send',
    'send',
    'range',
    'blobs',
  ] as const),
  ...(['any', 'any'] as const),
];
const SOURCE_FAILURES = [
  'upstream.unavailable',
  'upstream.timeout',
  'upstream.too_large',
  'upstream.unusable_answer',
  'upstream.unreachable',
  'upstream.throttled',
  'pace.exhausted',
  'auth.unavailable',
] as const;

/** The schedule of a seed. */
export function drawSchedule(seed: number): Schedule {
  const random = createRandom(seed);
  const xdr = random.percent(12);
  const small = random.percent(80);
  const burst = random.percent(6);
  return {
    seed,
    settings: {
      family: xdr ? 'xdr' : 'graph',
      order: random.percent(30) ? 'created' : 'lastUpdate',
      maxTop: burst ? 2 : random.pick([2, 2, 3, 5]),
      alertsTop: random.pick([1, 2, 5, 100]),
      budgetMs: small && !burst ? random.pick([600, 1_500, 4_000]) : 90_000,
      overlapMinutes: burst ? 1 : random.pick([1, 2, 10]),
      backfillDays: random.pick([1, 2]),
      mostAlerts: random.pick([2, 4, 100]),
      joins: random.percent(50),
    },
    initial: IDS.filter(() => random.percent(60)).map((id) => ({
      id,
      ageMs: random.pick([20 * SECOND, 5 * MINUTE, 3 * HOUR, 5 * HOUR, 5 * HOUR, 20 * HOUR, 60 * HOUR]),
      alerts: random.below(4),
    })),
    steps: drawSteps(random, burst),
  };
}

function drawSteps(random: Random, burst: boolean): Step[] {
  const steps: Step[] = random.percent(70) ? [{ do: 'run', faults: drawFirstFaults(random) }] : [];
  if (random.percent(60)) steps.push({ do: 'pass', ms: MINUTE }, { do: 'run', faults: [] });
  const rounds = 3 + random.below(6);
  const crowded = random.percent(45) ? random.below(rounds) : rounds;
  for (let round = 0; round < rounds; round++) {
    if (round === crowded) steps.push(...drawCrowd(random));
    const changes = random.below(4);
    for (let n = 0; n < changes; n++) {
      steps.push({ do: 'change', change: drawChange(random) });
      if (random.percent(50)) steps.push(pass(random, [1, 10, 700, 3 * SECOND]));
    }
    if (burst && round === 1) steps.push({ do: 'change', change: { do: 'burst', count: 45 } });
    if (random.percent(70)) steps.push(pass(random, [2 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE]));
    else if (random.percent(50)) steps.push(pass(random, [31 * MINUTE, 3 * HOUR, 13 * HOUR]));
    steps.push(drawRun(random));
  }
  if (random.percent(2)) steps.splice(random.below(steps.length), 0, { do: 'pass', ms: 9 * 24 * HOUR });
  return steps;
}

/** Faults of a first load: now and then a slice that took several pages would lose what moves up between them. */
function drawFirstFaults(random: Random): Fault[] {
  if (random.percent(70)) return drawFaults(random, 30);
  const effect: Effect = { kind: 'change', change: drawWrite(random, random.pick(IDS)) };
  return [{ port: 'next', nth: random.below(3), effect }];
}

/** Enough at once for several pages, and something that shifts them while they are read. */
function drawCrowd(random: Random): Step[] {
  const ids = random.shuffled(IDS).slice(1);
  const writes = ids.map((id) => ({ do: 'change' as const, change: drawWrite(random, id) }));
  const shift: Change = random.percent(60)
    ? { do: 'remove', id: ids.at(-1) ?? IDS[0] }
    : drawWrite(random, ids[0] ?? IDS[0]);
  const effect: Effect = { kind: 'change', change: shift };
  return [...writes, pass(random, [2 * SECOND]), { do: 'run', faults: [{ port: 'next', nth: 0, effect }] }];
}

function pass(random: Random, choices: readonly number[]): Step {
  return { do: 'pass', ms: random.pick(choices) };
}

function drawRun(random: Random): Step {
  const kind = random.below(100);
  if (kind < 62) return { do: 'run', faults: [...drawFaults(random, 70), ...drawRareFaults(random)] };
  if (kind < 82) return { do: 'two', faults: drawFaults(random, 40), others: drawFaults(random, 40) };
  if (kind < 89) return { do: 'ask', faults: drawFaults(random, 50) };
  if (kind < 95) return { do: 'poison', faults: drawFaults(random, 50) };
  return { do: 'lease', ms: random.pick([10 * SECOND, 5 * MINUTE]) };
}

function drawFaults(random: Random, percent: number): Fault[] {
  const faults: Fault[] = [];
  while (faults.length < 4 && random.percent(percent)) faults.push(drawFault(random));
  return faults;
}

/** Ports that few runs come to. */
function drawRareFaults(random: Random): Fault[] {
  const rare = (['send', 'put'] as const).filter((port) => random.percent(port === 'send' ? 40 : 16));
  return rare.map((port) => ({ port, nth: 0, effect: drawEffect(random, port) }));
}

function drawFault(random: Random): Fault {
  const port = random.pick(PORTS);
  const nth = port === 'any' ? random.below(25) : random.pick([0, 0, 0, 1, 1, 2, 3, 5]);
  return { port, nth, effect: drawEffect(random, port) };
}

function drawEffect(random: Random, port: Port): Effect {
  const when = random.pick(['before', 'after'] as const);
  const kind = random.below(100);
  if (port === 'next' && kind < 35) return { kind: 'fails', code: 'upstream.link_expired' };
  if ((port === 'next' || port === 'list' || port === 'alerts') && kind < 58)
    return { kind: 'change', change: drawChange(random, 50) };
  if (port === 'alerts' && kind < 75) return { kind: 'fails', code: 'upstream.forbidden' };
  if (WRITING_PORTS.has(port) && kind < 25) return { kind: 'lost' };
  if (port === 'send' && kind < 45) return { kind: 'twice' };
  if (port === 'transact' && kind < 38) return { kind: 'etag' };
  if (port === 'transact' && kind < 52) return { kind: 'steal' };
  if ((port === 'list' || port === 'alerts' || port === 'put') && kind >= 85) return { kind: 'twice' };
  if (port === 'send' && kind >= 75) return { kind: 'fails', code: failure(random, port) };
  const other = random.below(100);
  if (other < 28) return { kind: 'fails', code: failure(random, port) };
  if (other < 42) return { kind: 'twice' };
  if (other < 58) return { kind: 'slow', ms: random.pick([300, 2 * SECOND, 3 * MINUTE]) };
  if (other < 78) return { kind: 'dies', when };
  return { kind: 'freezes', when, steps: 1 + random.below(6) };
}

function failure(random: Random, port: Port): string {
  return SOURCE_PORTS.has(port) ? random.pick(SOURCE_FAILURES) : 'storage.unavailable';
}

function drawChange(random: Random, removals = 14): Change {
  const id = random.pick(IDS);
  const title = random.pick(['A', 'B', 'C']);
  const kind = random.below(100);
  if (kind < removals) return { do: 'remove', id };
  const other = random.below(100);
  if (other < 17) return { do: 'return', id };
  if (other < 22) return { do: 'merge', id, into: random.pick(IDS) };
  if (other < 45) return { do: 'alert', id, title, moves: random.percent(30) };
  return drawWrite(random, id);
}

function drawWrite(random: Random, id: string): Change {
  return {
    do: 'write',
    id,
    title: random.pick(['A', 'B', 'C']),
    status: random.pick(['active', 'active', 'inProgress', 'resolved']),
    alerts: random.pick([0, 1, 2, 3, 5]),
    ...(random.percent(20) ? { tie: true as const } : {}),
    ...(random.percent(25)
      ? { lateMs: random.pick([20 * SECOND, 55 * SECOND, 4 * MINUTE, 40 * MINUTE, 7 * HOUR]) }
      : {}),
  };
}
