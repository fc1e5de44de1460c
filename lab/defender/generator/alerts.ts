import type { Random } from '../random.ts';
import type { AlertInit } from '../tenant.ts';
import { formatTime } from '../times.ts';
import { type Cast, createEvidence } from './evidence.ts';
import type { AlertTemplate } from './scenarios.ts';

const ID_PREFIXES: Readonly<Record<string, string>> = {
  microsoftDefenderForEndpoint: 'da',
  microsoftDefenderForOffice365: 'fa',
  microsoftDefenderForIdentity: 'aa',
  microsoftDefenderForCloudApps: 'ca',
  azureAdIdentityProtection: 'ad',
  microsoftSentinel: 'sn',
};

/** An alert after a template. @param at milliseconds since 1970: when the alert was raised */
export function createAlert(random: Random, template: AlertTemplate, cast: Cast, at: number): AlertInit {
  const time = (ms: number): string => formatTime(ms, random.int(0, 9_999));
  const id = `${ID_PREFIXES[template.service] ?? 'ma'}${random.uuid()}_1`;
  const activity = at - random.int(30_000, 1_800_000);
  const raised = time(at);
  return {
    id,
    status: 'new',
    severity: template.severity,
    serviceSource: template.service,
    detectionSource: template.detection,
    detectorId: random.uuid(),
    title: template.title,
    description: template.description,
    recommendedActions:
      '1. Check what else the account and the device did.\n2. Contain what is affected.\n3. Look for the same signs elsewhere.',
    category: template.category,
    threatFamilyName: template.family ?? null,
    threatDisplayName: template.family ? `Trojan:Win32/${template.family}` : null,
    mitreTechniques: template.techniques,
    createdDateTime: raised,
    lastUpdateDateTime: raised,
    firstActivityDateTime: time(activity),
    lastActivityDateTime: time(random.int(activity, at)),
    investigationState: random.pick([
      'unsupportedAlertType',
      'queued',
      'running',
      'benign',
      'pendingApproval',
    ]),
    evidence: template.evidence.map((kind) => createEvidence(random, kind, cast, at, raised)),
  };
}
