const PREFIX = 'azurefunctionsjobhost';

/**
 * host.json with the values that app settings replace: `AzureFunctionsJobHost__extensions__queues__batchSize`
 * stands for `extensions.queues.batchSize`. Names are found without regard to case; a value is the setting's
 * text, or the number or boolean that it spells.
 * https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values
 */
export function overrideHostJson(
  root: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const result = structuredClone(root);
  for (const [name, value] of Object.entries(env)) {
    const [prefix, ...path] = name.split(/__|:/);
    if (prefix?.toLowerCase() === PREFIX && path.length > 0 && value !== undefined)
      setValue(result, path, value);
  }
  return result;
}

function setValue(target: Record<string, unknown>, path: readonly string[], value: string): void {
  const [first = '', ...rest] = path;
  const key = Object.keys(target).find((known) => known.toLowerCase() === first.toLowerCase()) ?? first;
  if (rest.length === 0) {
    target[key] = parseValue(value);
    return;
  }
  const child = target[key];
  const section = typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {};
  target[key] = section;
  setValue(section, rest, value);
}

function parseValue(value: string): string | number | boolean {
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  // -1 stays text: it is how host.json says that there is no functionTimeout.
  return /^\d+$/.test(value) ? Number(value) : value;
}
