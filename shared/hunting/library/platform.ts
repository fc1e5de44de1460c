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
/** Names of tables that Defender itself has; a workspace has copies of them. */
const HUNTING_TABLES = [
  'Alert(?:Info|Evidence)',
  'CloudAppEvents',
  'Device[A-Z]\\w*',
  'Email[A-Z]\\w*',
  'Identity(?:Account|Directory|Logon|Query)\\w*',
  'UrlClickEvents',
];
const reading = (tables: readonly string[]): RegExp =>
  new RegExp(`^[ \\t(]*(?:let \\w+ *= *\\(?)?(?:union[^|\\n]*\\b)?(?:${tables.join('|')})\\b`, 'm');
const WORKSPACE_TABLE = reading(WORKSPACE_TABLES);
const HUNTING_TABLE = reading(HUNTING_TABLES);

/**
 * Where a query is meant to run when its file does not say: by its data connectors, then by the tables that it
 * reads, then by the time column.
 */
export function guessPlatform(text: string, connectors: readonly unknown[]): Platform {
  if (JSON.stringify(connectors).includes('MicrosoftThreatProtection')) return 'xdr';
  if (WORKSPACE_TABLE.test(text)) return 'sentinel';
  // Also with the time column of a workspace: Defender is who is asked, and the check warns.
  if (HUNTING_TABLE.test(text)) return 'xdr';
  return /\bTimeGenerated\b/.test(text) && !/\bTimestamp\b/.test(text) ? 'sentinel' : 'xdr';
}

/** The platform that a heading or a `**Platform:**` line names. */
export function platformNamed(words: string): Platform | undefined {
  if (/sentinel|log analytics/i.test(words)) return 'sentinel';
  return /defender|xdr|m365|microsoft 365|\bmde\b|advanced hunting/i.test(words) ? 'xdr' : undefined;
}
