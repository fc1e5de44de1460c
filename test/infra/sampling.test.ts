import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './project.ts';

interface Logging {
  readonly applicationInsights: {
    readonly samplingSettings: { readonly isEnabled: boolean; readonly excludedTypes?: string };
  };
  readonly logLevel?: Readonly<Record<string, string>>;
}

/** Types of telemetry that are sampled, and levels that are dropped, though events of runs and audits may be in them. */
function lost({ applicationInsights: { samplingSettings }, logLevel = {} }: Logging): readonly string[] {
  const excluded = (samplingSettings.excludedTypes ?? '').split(';');
  // Our events are traces; https://learn.microsoft.com/azure/azure-functions/functions-host-json#applicationinsightssamplingsettings
  const types = ['Trace', 'Event', 'Exception'].filter((type) => !excluded.includes(type));
  // Information and above is what they are logged as.
  const levels = Object.values(logLevel).filter((level) => !/^(Trace|Debug|Information)$/.test(level));
  return [...(samplingSettings.isEnabled ? types : []), ...levels];
}

it('host.json leaves events of runs and audits alone when it samples', async () => {
  const { logging } = JSON.parse(await readFile(join(ROOT, 'host.json'), 'utf8')) as {
    readonly logging: Logging;
  };
  expect(lost(logging)).toEqual([]);
});

it.each<[string, Logging['applicationInsights']['samplingSettings'], Logging['logLevel'] & {}, string[]]>([
  ['all is sampled', { isEnabled: true }, {}, ['Trace', 'Event', 'Exception']],
  ['traces are', { isEnabled: true, excludedTypes: 'Request;Event;Exception' }, {}, ['Trace']],
  ['nothing is', { isEnabled: false }, {}, []],
  ['a level is too high', { isEnabled: false }, { default: 'Information', Function: 'Warning' }, ['Warning']],
])('or else: %s', (_, samplingSettings, logLevel, found) => {
  expect(lost({ applicationInsights: { samplingSettings }, logLevel })).toEqual(found);
});
