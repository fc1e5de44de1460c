import { describe, expect, it } from 'vitest';
import { OutriderError } from '../../shared/errors.ts';
import { expectStoreToEqualModel } from '../support/sync-expectations.ts';
import { createSyncRig } from '../support/sync-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('trouble', () => {
  it('is kept as the tenant’s state with the next attempt’s time, not thrown', async () => {
    const rig = createSyncRig();
    await rig.settle();
    const before = rig.state().head;
    rig.source.before = () => {
      throw new OutriderError('upstream.throttled', 'Too many calls.', { retryAfterMs: 7 * MINUTE });
    };
    expect(await rig.run()).toBe('failed');
    expect(rig.state().failure).toMatchObject({ code: 'upstream.throttled', count: 1 });
    expect(rig.state().head).toEqual(before);
    expect(await rig.run()).toBe('waiting');
    rig.source.before = () => {};
    rig.clock.advance(7 * MINUTE + 1);
    expect(await rig.run()).toBe('done');
    expect(rig.state().failure).toBeUndefined();
  });

  it('does not move the watermark when a later page fails', async () => {
    const rig = createSyncRig({ maxTop: 2 });
    await rig.settle();
    const before = rig.state().head?.watermark;
    for (let n = 0; n < 5; n++) rig.source.upsert({ id: `i${n}` });
    rig.clock.advance(2_000);
    let lists = 0;
    rig.source.before = (call) => {
      if (call === 'list' && ++lists > 1) throw new OutriderError('upstream.unreachable', 'cut');
    };
    expect(await rig.run()).toBe('failed');
    expect(rig.state().head?.watermark).toBe(before);
    rig.source.before = () => {};
    rig.clock.advance(HOUR);
    await rig.settle();
    expectStoreToEqualModel(rig);
    expect(rig.feed()).toHaveLength(5);
  });

  it('throws what is storage’s own fault, so that the queue tries again', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.upsert({ id: 'a' });
    const transact = rig.store.table.transact;
    rig.store.table.transact = () => Promise.reject(new OutriderError('storage.unavailable', 'down'));
    await expect(rig.run()).rejects.toMatchObject({ code: 'storage.unavailable' });
    rig.store.table.transact = transact;
    await rig.settle();
    expectStoreToEqualModel(rig);
  });

  it('does not pass for fresh, or mended, when our own pace held it back before it read anything', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.before = () => {
      throw new OutriderError('upstream.throttled', 'Too many calls.', { retryAfterMs: MINUTE });
    };
    await rig.run();
    const { lastSuccessMs, failure } = rig.state();
    expect(failure).toBeDefined();
    rig.clock.advance(2 * MINUTE);
    rig.source.before = () => {
      throw new OutriderError('pace.exhausted', 'Not yet.', { retryAfterMs: 50_000 });
    };
    expect(await rig.run()).toBe('more');
    expect(rig.state()).toMatchObject({ lastSuccessMs, failure });
    expect(rig.store.messages.at(-1)?.delaySeconds).toBe(50);
  });

  it('passes for fresh and mended once it has read what is new, although our own pace held the rest back', async () => {
    const rig = createSyncRig();
    await rig.settle();
    rig.source.before = () => {
      throw new OutriderError('upstream.unreachable', 'cut');
    };
    await rig.run();
    rig.clock.advance(HOUR);
    rig.source.before = (call) => {
      if (call === 'alerts') throw new OutriderError('pace.exhausted', 'Not yet.', { retryAfterMs: 50_000 });
    };
    expect(await rig.run()).toBe('more');
    expect(rig.state().failure).toBeUndefined();
    expect(rig.state().lastSuccessMs).toBe(rig.clock.now());
  });
});
