import type { DefenderSettings } from '../defender/settings.ts';

/** The settings that JSON can show; a test's own hook stays inside. */
export function readDefender(settings: DefenderSettings): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name !== 'beforeListRead'));
}

/**
 * Changes some of the settings; the next request follows. All or nothing.
 *
 * @throws an Error that names a setting that does not exist, or a value of the wrong type
 */
export function patchDefender(settings: DefenderSettings, change: Readonly<Record<string, unknown>>): void {
  const known = readDefender(settings);
  for (const [name, value] of Object.entries(change)) {
    if (!(name in known)) {
      throw new Error(`Defender has no setting ${name}; there are ${Object.keys(known).join(', ')}.`);
    }
    if (!fits(known[name], value)) {
      throw new Error(
        `The setting ${name} cannot be ${JSON.stringify(value)}; it is ${JSON.stringify(known[name])} now.`,
      );
    }
  }
  Object.assign(settings, change);
}

/** A switch stays a switch; what is a number, a word or null may become another of these. */
function fits(now: unknown, next: unknown): boolean {
  if (typeof now === 'boolean' || typeof next === 'boolean') return typeof now === typeof next;
  return next === null || typeof next === 'string' || (typeof next === 'number' && Number.isFinite(next));
}
