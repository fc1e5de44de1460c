import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import type { IncidentUpdater, ReceivedIncident } from '../../shared/incidents/ports.ts';
import { updateIncident } from '../../shared/incidents/update.ts';
import type { LogFields } from '../../shared/log.ts';

const ORDER = { tenant: 't', id: '7', change: { fields: { status: 'resolved' }, comment: 'x' } } as const;
const INCIDENT = { id: '7', family: 'graph', text: '{}' } as ReceivedIncident;
const error = (code: 'incident.half_updated' | 'incident.update_refused' | 'storage.unavailable') =>
  new OutriderError(code, 'of the test');

/** An update whose service and store do as told. */
async function update(outcome: ReceivedIncident | undefined | Error, store: { readonly fails?: Error } = {}) {
  const events: (readonly [string, LogFields | undefined])[] = [];
  let asked = 0;
  const note = (event: string, fields?: LogFields): void => {
    events.push([event, fields]);
  };
  const updater: IncidentUpdater = {
    async update() {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  };
  const requestRun = async (): Promise<void> => {
    asked += 1;
    if (store.fails) throw store.fails;
  };
  const done = updateIncident({ updater, requestRun, log: { info: note, warn: note, error: note } }, ORDER);
  const result = await done.catch((failure: unknown) => failure);
  return { result, events, asked };
}

describe('an incident that is changed', () => {
  it('is told, by what of it and not by its content, and has a sync asked for', async () => {
    const { result, events, asked } = await update(INCIDENT);
    expect(result).toBe(INCIDENT);
    expect(asked).toBe(1);
    expect(events).toEqual([['incident.updated', { incident: '7', changed: 'status,comment' }]]);
  });

  it('is changed all the same when no sync can be asked for, which is told', async () => {
    const { result, events } = await update(INCIDENT, { fails: error('storage.unavailable') });
    expect(result).toBe(INCIDENT);
    expect(events.at(-1)).toEqual(['incident.sync_not_asked', { code: 'storage.unavailable' }]);
  });

  it('by half has a sync asked for, too', async () => {
    const half = error('incident.half_updated');
    const { result, events, asked } = await update(half);
    expect(result).toBe(half);
    expect(asked).toBe(1);
    expect(events.map(([event]) => event)).toEqual(['incident.half_updated']);
  });

  it.each([
    ['refused', error('incident.update_refused')],
    ['not there', undefined],
  ])('not, because it is %s, leaves no trace', async (_name, outcome) => {
    const { result, events, asked } = await update(outcome);
    expect(result).toBe(outcome);
    expect({ asked, events }).toEqual({ asked: 0, events: [] });
  });
});
