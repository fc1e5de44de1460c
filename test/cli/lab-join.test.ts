import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../lab/runner/log.ts';
import type { SessionEvent } from '../../lab/session/events.ts';
import { createJoinWatch } from '../../lab/session/join.ts';
import { createMilestones } from '../../lab/session/milestones.ts';
import { createPreflightLog } from '../../lab/session/preflight-log.ts';
import { createRoster } from '../../lab/session/roster.ts';
import { fabrikam, request, roster, world } from './lab-customers.ts';

describe('a directory that joins', () => {
  const { prospect } = world;
  const connected = (fields: object = {}): LogEntry => ({
    level: 'information',
    source: 'app',
    message: JSON.stringify({
      event: 'tenant.invitation',
      action: 'connected',
      tenant: prospect.id,
      ...fields,
    }),
  });

  function rig(state: string | Error) {
    const joined: unknown[] = [];
    const asked: string[] = [];
    const watch = createJoinWatch({
      prospect,
      client: {
        async tenant(id) {
          asked.push(id);
          if (state instanceof Error) throw state;
          return { state, api: 'xdr' };
        },
      },
      onJoined: (tenant, how) => void joined.push([tenant, how]),
    });
    return { watch, joined, asked };
  }

  it('is known by the app’s log, once, with the API that the app reads it by', async () => {
    const { watch, joined, asked } = rig('active');
    watch.read({ level: 'information', source: 'app', message: 'not JSON' });
    watch.read(connected({ action: 'roles_missing' }));
    watch.read(connected({ tenant: fabrikam.id }));
    expect(asked).toEqual([]);
    watch.read(connected());
    watch.read(connected());
    await new Promise(setImmediate);
    const tenant = { id: prospect.id, name: 'Adventure Works', api: 'xdr', credential: 'federated' };
    expect(joined).toEqual([[tenant, 'invitation']]);
  });

  it('may have joined before; one that is not in service has not', async () => {
    const kept = rig('active');
    await kept.watch.look();
    expect(kept.joined).toEqual([[expect.objectContaining({ id: prospect.id }), 'kept']]);
    for (const state of ['invited', 'suspended', new Error('404')]) {
      const { watch, joined } = rig(state);
      await watch.look();
      expect(joined).toEqual([]);
    }
  });

  it('is told how it stands when the app has looked it over', () => {
    const events: SessionEvent[] = [];
    const onEvent = (event: SessionEvent): void => void events.push(event);
    const log = createPreflightLog({ tenants: roster, onEvent, now: () => 7 });
    const done = {
      event: 'preflight.done',
      correlationId: 'c',
      tenant: fabrikam.id,
      ok: false,
      alerts: 'ok',
    };
    log.read(connected());
    log.read(connected({ ...done, tenant: 'another' }));
    log.read({ level: 'warning', source: 'app', message: JSON.stringify(done) });
    expect(events).toEqual([{ kind: 'lookedOver', at: 7, tenant: fabrikam, states: [['alerts', 'ok']] }]);
  });

  it('is watched like the others from then on', async () => {
    const members = createRoster([fabrikam]);
    const joiner = { id: prospect.id, name: prospect.name, api: 'graph', credential: 'federated' } as const;
    const milestones = createMilestones({ world, tenants: members });
    const call = request({ tenant: prospect.id });
    expect(milestones([call], 0)).toEqual([]);
    members.join(joiner);
    members.join(joiner);
    expect(members.all()).toEqual([fabrikam, joiner]);
    expect(milestones([call], 0)).toMatchObject([{ kind: 'firstPage', tenant: joiner }]);
  });
});
