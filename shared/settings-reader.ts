import { whyNoGuid } from './id-words.ts';
import type { HostSettingName, SettingName } from './settings.ts';
import { isGuid } from './text.ts';

/** A part of the configuration that can be at fault while the others work. */
export type ConfigArea = 'cloud' | 'tenants' | 'storage' | 'api' | 'vault' | 'names';

/** What the parts of the configuration read with: settings by name, faults collected. */
export interface SettingsReader {
  get(name: SettingName | HostSettingName): string | undefined;
  fault(area: ConfigArea, setting: string, text: string): void;
}

/** A setting that must be a GUID, in lower case; undefined when missing, or at fault, which is reported. */
export function readGuid(
  settings: SettingsReader,
  area: ConfigArea,
  name: SettingName | HostSettingName,
): string | undefined {
  const value = settings.get(name);
  if (value === undefined) return undefined;
  if (isGuid(value)) return value.toLowerCase();
  settings.fault(area, name, `${name} ${whyNoGuid(value)}, such as 00000000-0000-0000-0000-000000000000.`);
  return undefined;
}
