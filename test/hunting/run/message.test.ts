import { describe, expect, it } from 'vitest';
import { huntMessage, readHuntMessage } from '../../../shared/hunting/run/message.ts';
import { newRunId } from '../../../shared/hunting/run/names.ts';
import { TENANT } from './hunt-rig.ts';

describe('a message', () => {
  it('is read back, and nothing else is', () => {
    const run = newRunId(TENANT, 1_000);
    const message = { tenant: TENANT, run, turn: 3, requestedMs: 1_000 };
    expect(readHuntMessage(huntMessage(message))).toEqual(message);
    expect(readHuntMessage(JSON.parse(huntMessage(message)))).toEqual(message);
    const other = '22222222-2222-4222-8222-222222222222';
    for (const bad of [
      '',
      'null',
      '{}',
      huntMessage({ ...message, tenant: other }),
      huntMessage({ ...message, run: `${run}/..` }),
      huntMessage({ ...message, turn: 1.5 }),
      huntMessage(message).replace('"v":1', '"v":2'),
    ]) {
      expect(readHuntMessage(bad), bad).toBeUndefined();
    }
  });
});
