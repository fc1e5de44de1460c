import { RunnerError } from './runner-error.ts';

/**
 * App settings as the host reads them from the environment: names without regard to case, and `:` and
 * `__` meaning the same, as in .NET configuration.
 */
export interface Settings {
  get(name: string): string | undefined;
}

export function createSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) byName.set(normalise(name), value);
  }
  return { get: (name) => env[name] ?? byName.get(normalise(name)) };
}

function normalise(name: string): string {
  return name.replaceAll('__', ':').toLowerCase();
}

/**
 * Replaces each `%NAME%` by the app setting of that name.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-expressions-patterns#binding-expressions---app-settings
 *
 * @throws RunnerError naming the setting that is missing.
 */
export function resolveSettings(text: string, property: string, settings: Settings): string {
  return text.replaceAll(/%([^%\s]+)%/g, (expression: string, name: string) => {
    const value = settings.get(name);
    if (value === undefined || value === '') {
      throw new RunnerError(`its ${property} is ${expression}, but the app setting ${name} is not set`);
    }
    return value;
  });
}
