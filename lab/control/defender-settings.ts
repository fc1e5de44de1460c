import type { DefenderSettings } from '../defender/settings.ts';
import { choicesOf } from './defender-choices.ts';

/** The settings that JSON can show; a test's own hook stays inside. */
export function readDefender(settings: DefenderSettings): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name !== 'beforeListRead'));
}

/**
 * Changes some of the settings; the next request follows. All or nothing.
 *
 * @throws an Error that names a setting that does not exist, or a value that it does not take
 */
export function patchDefender(settings: DefenderSettings, change: Readonly<Record<string, unknown>>): void {
  const known = readDefender(settings);
  for (const [name, value] of Object.entries(change)) {
    if (!Object.hasOwn(known, name)) {
      throw new Error(`Defender has no setting ${name}; there are ${Object.keys(known).join(', ')}.`);
    }
    const wanted = refusal(name, known[name], value);
    if (wanted !== undefined) {
      throw new Error(`The setting ${name} cannot be ${JSON.stringify(value)}; it must be ${wanted}.`);
    }
  }
  Object.assign(settings, change);
}

/** What a setting takes, if it does not take this; a switch stays a switch, and a number may become null. */
function refusal(name: string, now: unknown, next: unknown): string | undefined {
  const choices = choicesOf(name);
  if (choices !== undefined) return choices.includes(next) ? undefined : `one of ${choices.join(', ')}`;
  if (typeof now === 'boolean') return typeof next === 'boolean' ? undefined : 'true or false';
  if (next === null) return undefined;
  if (name === 'huntLegacyEndsAt')
    return isTime(next) ? undefined : 'a time such as 2027-02-01T00:00:00Z, or null';
  return typeof next === 'number' && next >= 0 ? undefined : 'a number, 0 or more, or null';
}

const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value));
