import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './project.ts';

it('host.json leaves events of runs and audits alone when it samples', async () => {
  const host = JSON.parse(await readFile(join(ROOT, 'host.json'), 'utf8'));
  const { samplingSettings } = host.logging.applicationInsights;
  const excluded = String(samplingSettings.excludedTypes).split(';');
  // Our events are traces; https://learn.microsoft.com/azure/azure-functions/functions-host-json#applicationinsightssamplingsettings
  if (samplingSettings.isEnabled)
    expect(excluded).toEqual(expect.arrayContaining(['Trace', 'Event', 'Exception']));
  // Information and above is what they are logged as.
  for (const level of Object.values(host.logging.logLevel ?? {}))
    expect(['Trace', 'Debug', 'Information']).toContain(level);
});
