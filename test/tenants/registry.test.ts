import { describe, expect, it } from 'vitest';
import { isOutriderError, OutriderError } from '../../shared/errors.ts';
import { tenantMessage } from '../../shared/tenant-message.ts';
import type { AuditEntry } from '../../shared/tenants/audit.ts';
import { any, BOSS, CONFIGURED, createRegistryRig, guid, type RegistryRig } from './registry-rig.ts';

const rejected = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (isOutriderError(error) ? error.code : error),
  );
const audit = async (rig: RegistryRig, n: number): Promise<readonly AuditEntry[]> =>
  (await rig.registry.audit(guid(n), { top: 100 })).entries;

describe('registering', () => {
  it('writes the record and who did it, and starts what follows from it', async () => {
    const rig = createRegistryRig();
    const record = await rig.register(1, { name: 'Fabrikam', tags: { sla: 'gold' } });
    expect(record).toMatchObject({
      state: 'active',
      revision: 1,
      generation: 1,
      api: 'graph',
      createdBy: BOSS,
    });
    expect(await audit(rig, 1)).toEqual([
      {
        revision: 1,
        atMs: rig.clock.now(),
        by: BOSS,
        action: 'registered',
        state: 'active',
        changes: expect.arrayContaining([{ field: 'name', to: 'Fabrikam' }]),
      },
    ]);
    expect(rig.activated.map(({ id }) => id)).toEqual([guid(1)]);
    await rig.register(2, { state: 'suspended' });
    expect(rig.activated).toHaveLength(1);
  });

  it('is refused for a tenant that is there, of the settings, of another cloud, or without its means', async () => {
    const rig = createRegistryRig();
    await rig.register(1);
    expect(await rejected(rig.register(1))).toBe('tenant.exists');
    expect(await rejected(rig.register(900))).toBe('tenant.configured');
    expect(await rejected(rig.register(2, { cloud: 'gcchigh' }))).toBe('request.invalid');
    expect(await rejected(rig.register(2, { state: 'consented' }))).toBe('tenant.state_refused');
    expect(rig.store.rows('tenants')).toHaveLength(2);
  });

  it('twice at once is one registration', async () => {
    const rig = createRegistryRig();
    const both = await Promise.all([rejected(rig.register(1)), rejected(rig.register(1))]);
    expect(both.sort()).toEqual(['done', 'tenant.exists']);
    expect(await audit(rig, 1)).toHaveLength(1);
  });

  it('recognises its own write when the answer was lost', async () => {
    const rig = createRegistryRig();
    const { transact } = rig.store.table;
    rig.store.table.transact = async (...asked) => {
      await transact(...asked);
      throw new OutriderError('storage.unavailable', 'answer lost');
    };
    expect(await rig.register(1)).toMatchObject({ revision: 1 });
    expect(await audit(rig, 1)).toHaveLength(1);
  });
});

describe('a change', () => {
  it('tells what it changed, and from what; what is left out stays', async () => {
    const rig = createRegistryRig();
    await rig.register(1, { name: 'Old', sync: { intervalMinutes: 15, historyDays: 30 } });
    rig.clock.advance(1_000);
    const patch = { name: 'New', sync: { intervalMinutes: null, backfillDays: 7 } };
    const changed = await rig.registry.change(guid(1), () => [1], patch, rig.by);
    expect(changed).toMatchObject({ name: 'New', revision: 2, sync: { historyDays: 30, backfillDays: 7 } });
    expect(Object.keys(changed.sync)).toHaveLength(2);
    const [entry] = await audit(rig, 1);
    expect(entry).toMatchObject({ action: 'changed', revision: 2, by: BOSS });
    expect(entry?.changes).toContainEqual({ field: 'name', from: 'Old', to: 'New' });
    expect(entry?.changes.map(({ field }) => field)).toEqual(['name', 'sync']);
  });

  it('needs what is there now; the loser of two at once is told, unless it does not mind', async () => {
    const rig = createRegistryRig();
    await rig.register(1);
    const change = (name: string, seen: () => 'any' | readonly number[]) =>
      rejected(rig.registry.change(guid(1), seen, { name }, rig.by));
    expect(await change('a', () => [7])).toBe('request.precondition_failed');
    expect((await Promise.all([change('a', () => [1]), change('b', () => [1])])).sort()).toEqual([
      'done',
      'request.precondition_failed',
    ]);
    expect(await Promise.all([change('c', any), change('d', any), change('e', any)])).toEqual([
      'done',
      'done',
      'done',
    ]);
    expect(await audit(rig, 1)).toHaveLength(5);
  });

  it('of nothing writes nothing', async () => {
    const rig = createRegistryRig();
    await rig.register(1, { name: 'Same', groups: ['emea'] });
    const writes = rig.store.calls.transact;
    const same = { name: 'Same', groups: ['emea'], state: 'active' } as const;
    expect(await rig.registry.change(guid(1), any, same, rig.by)).toMatchObject({ revision: 1 });
    expect(rig.store.calls.transact).toBe(writes);
  });

  it('of the state goes by what is allowed; resuming starts the sync again', async () => {
    const rig = createRegistryRig();
    await rig.register(1);
    const to = (state: 'active' | 'suspended' | 'consented') =>
      rig.registry.change(guid(1), any, { state }, rig.by);
    await to('suspended');
    await to('active');
    expect(rig.activated).toHaveLength(2);
    expect(await rejected(to('consented'))).toBe('tenant.state_refused');
    expect((await audit(rig, 1)).map(({ action }) => action)).toEqual(['resumed', 'suspended', 'registered']);
  });

  it('of a tenant of the settings is refused before anything else is asked', async () => {
    const rig = createRegistryRig();
    const seen = () => {
      throw new Error('asked too early');
    };
    const work = rig.registry.change(CONFIGURED.id, seen, { name: 'x' }, rig.by);
    await expect(work).rejects.toThrow(/OUTRIDER_TENANTS/);
    expect(await rejected(rig.registry.remove(CONFIGURED.id, any, rig.by))).toBe('tenant.configured');
    expect(await rejected(rig.registry.change(guid(5), any, { name: 'x' }, rig.by))).toBe('tenant.unknown');
  });

  it('is made and told although what follows from it fails: the timer makes up for that', async () => {
    const rig = createRegistryRig();
    rig.activated.push = () => {
      throw new Error('the queue is away');
    };
    expect(await rig.register(1)).toMatchObject({ state: 'active' });
    expect(rig.events.map(({ event }) => event)).toEqual(['tenant.audit', 'tenant.follow_up_failed']);
  });
});

describe('a removal', () => {
  it('takes the tenant out at once, and begins; asked again it is the same', async () => {
    const rig = createRegistryRig();
    await rig.register(1);
    const removed = await rig.registry.remove(guid(1), () => [1], rig.by);
    expect(removed).toMatchObject({
      state: 'offboarded',
      revision: 2,
      removal: { pass: 1, requestedBy: BOSS },
    });
    expect(await rig.directory.get(guid(1))).toBeUndefined();
    expect(await rejected(rig.registry.remove(guid(1), () => [1], rig.by))).toBe(
      'request.precondition_failed',
    );
    expect(await rig.registry.remove(guid(1), any, rig.by)).toEqual(removed);
    expect(await rejected(rig.register(1))).toBe('tenant.state_refused');
    // Registering is refused until then: the advice must not be to do it at once.
    await expect(rig.registry.change(guid(1), any, { state: 'active' }, rig.by)).rejects.toMatchObject({
      code: 'tenant.state_refused',
      message: expect.stringMatching(/register it again to use it, once the deletion of its data is done/),
    });
  });

  it('has one message, however often it is asked for; another one where it stands still', async () => {
    const rig = createRegistryRig();
    await rig.register(1);
    const sent = async (asks: number): Promise<number> => {
      for (let n = 0; n < asks; n++) await rig.registry.remove(guid(1), any, rig.by);
      return rig.store.messages.length;
    };
    expect(await sent(20)).toBe(1);
    expect(rig.store.messages[0]?.text).toBe(tenantMessage(guid(1)));
    rig.clock.advance(10 * 60_000);
    expect(await sent(1)).toBe(2);
  });

  it('is refused under a legal hold, with what to do', async () => {
    const rig = createRegistryRig();
    await rig.register(1, { sync: { legalHold: true } });
    await expect(rig.registry.remove(guid(1), any, rig.by)).rejects.toThrow(/legal hold .*Suspend it/);
    expect(await rig.directory.get(guid(1))).toMatchObject({ enabled: true });
  });
});

it('a long audit comes in pages, newest first', async () => {
  const rig = createRegistryRig();
  await rig.register(1);
  await rig.register(2);
  for (let n = 0; n < 11; n++) await rig.registry.change(guid(1), any, { name: `n${n}` }, rig.by);
  const revisions: number[] = [];
  for (let before: number | undefined; ; ) {
    const { entries, more } = await rig.registry.audit(guid(1), { before, top: 5 });
    revisions.push(...entries.map(({ revision }) => revision));
    if (!more) break;
    before = entries.at(-1)?.revision;
  }
  expect(revisions).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

it('a change that is too long for a row is told by the names of its fields', async () => {
  const rig = createRegistryRig();
  const tags = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`t${n}`, 'x'.repeat(256)]));
  await rig.register(1, { tags });
  const more = Object.fromEntries(Object.entries(tags).map(([name]) => [name, 'y'.repeat(256)]));
  await rig.registry.change(guid(1), any, { tags: more }, rig.by);
  expect((await audit(rig, 1))[0]?.changes).toEqual([{ field: 'tags' }]);
});

describe('facts that are longer together than a row', () => {
  /** As many tags as may be; so many characters of their values take two in what is stored. */
  const tagsWith = (quotes: number) =>
    Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => {
        const doubled = Math.min(256, Math.max(0, quotes - n * 256));
        return [`${n}`.padEnd(100, 't'), '"'.repeat(doubled).padEnd(256, 'x')];
      }),
    );
  const groups = Array.from({ length: 100 }, (_, n) => `g${n}`.padEnd(64, 'g'));
  const long = { groups, tags: tagsWith(50 * 256) };

  it('are refused as what they are: no try would store them', async () => {
    const rig = createRegistryRig();
    expect(await rejected(rig.register(1, long))).toBe('request.invalid');
    await rig.register(1, { groups, tags: tagsWith(0) });
    expect(await rejected(rig.registry.change(guid(1), any, long, rig.by))).toBe('request.invalid');
    expect((await rig.registry.get(guid(1)))?.revision).toBe(1);
  });

  it('leave room for the removal of a tenant that has as much as may be', async () => {
    const rig = createRegistryRig();
    let quotes = 50 * 256;
    while ((await rejected(rig.register(1, { groups, tags: tagsWith(quotes) }))) !== 'done') quotes -= 50;
    expect(quotes).toBeGreaterThan(1_000);
    await rig.registry.change(guid(1), any, { state: 'suspended' }, rig.by);
    expect(await rig.registry.remove(guid(1), any, rig.by)).toMatchObject({ state: 'offboarded' });
  });
});
