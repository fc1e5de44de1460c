import type { Platform } from '../query.ts';

/** Tables that only a Log Analytics workspace has; the most used of Microsoft's connectors. */
const WORKSPACE_TABLES = [
  'SecurityEvent',
  'SecurityAlert',
  'SecurityIncident',
  'SigninLogs',
  'AADNonInteractiveUserSignInLogs',
  'AADServicePrincipalSignInLogs',
  'AuditLogs',
  'AzureActivity',
  'AzureDiagnostics',
  'OfficeActivity',
  'CommonSecurityLog',
  'Syslog',
  'Event',
  'Heartbeat',
  'DnsEvents',
  'W3CIISLog',
  'ThreatIntelligenceIndicator',
  'BehaviorAnalytics',
  'AWSCloudTrail',
];
const WORKSPACE_TABLE = new RegExp(
  `^[ \\t(]*(?:let \\w+ *= *\\(?)?(?:union[^|\\n]*\\b)?(?:${WORKSPACE_TABLES.join('|')})\\b`,
  'm',
);

/**
 * Where a query is meant to run when its file does not say: by its data connectors, then by the tables and the time
 * column that it reads.
 */
export function guessPlatform(text: string, connectors: readonly unknown[]): Platform {
  if (JSON.stringify(connectors).includes('MicrosoftThreatProtection')) return 'xdr';
  if (WORKSPACE_TABLE.test(text)) return 'sentinel';
  return /\bTimeGenerated\b/.test(text) && !/\bTimestamp\b/.test(text) ? 'sentinel' : 'xdr';
}

/** The platform that a heading or a `**Platform:**` line names. */
export function platformNamed(words: string): Platform | undefined {
  if (/sentinel|log analytics/i.test(words)) return 'sentinel';
  return /defender|xdr|m365|microsoft 365|\bmde\b|advanced hunting/i.test(words) ? 'xdr' : undefined;
}
