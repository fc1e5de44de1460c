import type { Change, Effect, Fault, Schedule, Step } from './schedule.ts';

/** Stories in words, for people who must find out why one went wrong. */

function tellChange(change: Change): string {
  switch (change.do) {
    case 'write': {
      const { id, title, status, alerts, tie, lateMs } = change;
      const when = lateMs === undefined ? '' : `, listed only ${lateMs / 1000} s later`;
      const same = tie ? ', same last update as the one before' : '';
      return `upstream writes incident ${id}: title ${title}, ${status}, ${alerts} alerts${same}${when}`;
    }
    case 'alert':
      return `an alert of incident ${change.id} changes to ${change.title}, the incident ${change.moves ? 'moves' : 'does not move'}`;
    case 'remove':
      return `incident ${change.id} is listed no longer`;
    case 'return':
      return `incident ${change.id} is listed again as it was`;
    case 'merge':
      return `incident ${change.id} is merged into ${change.into}`;
    case 'burst':
      return `${change.count} incidents at once`;
  }
}

export function tellEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'fails':
      return `fails with ${effect.code}`;
    case 'lost':
      return 'takes effect, its answer is lost';
    case 'twice':
      return 'happens twice';
    case 'slow':
      return `takes ${effect.ms} ms longer`;
    case 'dies':
      return `is where the process dies, ${effect.when} it took effect`;
    case 'freezes':
      return `is where the run freezes, ${effect.when} it took effect, for ${effect.steps} steps`;
    case 'etag':
      return 'comes after somebody else has written the state';
    case 'steal':
      return 'comes after a thief has taken the lease';
    case 'change':
      return `comes after this: ${tellChange(effect.change)}`;
  }
}

function tellFaults(faults: readonly Fault[]): string {
  if (faults.length === 0) return '';
  const parts = faults.map(({ port, nth, effect }) => `its ${port} call ${nth + 1} ${tellEffect(effect)}`);
  return ` (planned: ${parts.join('; ')})`;
}

export function tellStep(step: Step): string {
  switch (step.do) {
    case 'change':
      return tellChange(step.change);
    case 'pass':
      return `${step.ms / 1000} s pass`;
    case 'run':
      return `a run${tellFaults(step.faults)}`;
    case 'two':
      return `a run${tellFaults(step.faults)}, and at the same time another${tellFaults(step.others)}`;
    case 'ask':
      return `a run${tellFaults(step.faults)}, and at the same time a person asks for one`;
    case 'poison':
      return `a run${tellFaults(step.faults)}, and at the same time a message is given up`;
    case 'lease':
      return `a run that died has left its lease, ${step.ms / 1000} s of it`;
  }
}

/** What there is before the story begins. */
export function tellBeginning({ settings, initial }: Schedule): string[] {
  return [
    `the service and the sync: ${JSON.stringify(settings)}`,
    ...initial.map(
      ({ id, ageMs, alerts }) =>
        `incident ${id} is there, last updated ${ageMs / 1000} s ago, ${alerts} alerts`,
    ),
  ];
}
