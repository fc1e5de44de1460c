import { describe, expect, it } from 'vitest';
import { patchDefender } from '../../../lab/control/defender-settings.ts';
import { defaultSettings } from '../../../lab/defender/settings.ts';

describe('patchDefender', () => {
  it('changes what a setting knows', () => {
    const settings = defaultSettings();
    const change = {
      pageShift: 'arrive',
      timeDigits: 'trimmed',
      huntTimeoutStatus: 408,
      shuffleArrays: true,
      tokenLifeMs: null,
      expandAlertLimit: 5,
      huntLegacyEndsAt: '2026-01-01T00:00:00Z',
    };
    patchDefender(settings, change);
    expect(settings).toMatchObject(change);
  });

  it.each([
    ['pageShift', 'x', 'one of none, arrive, change, remove'],
    ['timeDigits', 5, 'one of 0, 3, 6, 7, trimmed'],
    ['expandFailStatus', null, 'one of 500, 503, 504'],
    ['shuffleArrays', 1, 'true or false'],
    ['expandAlertLimit', 'many', 'a number, 0 or more, or null'],
    ['graphCallsPerMinute', -1, 'a number, 0 or more, or null'],
    ['huntLegacyEndsAt', 'soon', 'a time such as 2027-02-01T00:00:00Z, or null'],
  ])('refuses %s=%s, says what it takes, and changes nothing', (name, value, wanted) => {
    const settings = defaultSettings();
    const said = `The setting ${name} cannot be ${JSON.stringify(value)}; it must be ${wanted}.`;
    expect(() => patchDefender(settings, { changingEtags: true, [name]: value })).toThrow(said);
    expect(settings).toEqual(defaultSettings());
  });

  it('knows no other name', () => {
    expect(() => patchDefender(defaultSettings(), { toString: 'x' })).toThrow(/has no setting toString/);
  });
});
