import { ApiFault } from './api-fault.ts';
import type { ServedIncident } from './served.ts';
import type { DefenderSettings } from './settings.ts';

/**
 * Fails an expanding request the way big tenants have seen it fail (elastic/integrations issue 18144), where the
 * settings ask for that.
 * @throws ApiFault
 */
export function refuseBigExpand(
  settings: DefenderSettings,
  items: readonly ServedIncident[],
  texts: readonly string[],
): void {
  if (settings.expand !== 'fail') return;
  const { expandAlertLimit, expandByteLimit, expandFailStatus } = settings;
  const tooMany = items.some((served) => alertCount(served) > expandAlertLimit);
  const bytes = expandByteLimit === null ? 0 : texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (!tooMany && (expandByteLimit === null || bytes <= expandByteLimit)) return;
  throw new ApiFault(expandFailStatus, 'UnknownError', 'An error occurred while expanding alerts.');
}

const alertCount = (served: ServedIncident): number =>
  served.kind === 'raw' ? served.raw.alerts.length : served.incident.alerts.length;
