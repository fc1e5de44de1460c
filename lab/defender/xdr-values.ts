import type { GraphIncident } from './graph-types.ts';

const SERVICE_SOURCES: Readonly<Record<string, string>> = {
  microsoftDefenderForEndpoint: 'MicrosoftDefenderATP',
  microsoftDefenderForIdentity: 'AzureATP',
  microsoftDefenderForCloudApps: 'MicrosoftCloudAppSecurity',
  microsoftDefenderForOffice365: 'OfficeATP',
  microsoft365Defender: 'MicrosoftThreatProtection',
  azureAdIdentityProtection: 'AadIdentityProtection',
};

const DETECTION_SOURCES: Readonly<Record<string, string>> = {
  microsoftDefenderForEndpoint: 'WindowsDefenderAtp',
  antivirus: 'WindowsDefenderAv',
  smartScreen: 'WindowsDefenderSmartScreen',
  microsoftDefenderForOffice365: 'OfficeATP',
  microsoftDefenderForIdentity: 'AzureATP',
  cloudAppSecurity: 'MCAS',
  microsoft365Defender: 'MTP',
  azureAdIdentityProtection: 'AAD Identity Protection',
  customDetection: 'CustomDetection',
};

/** Names that the XDR API's read page has for what Graph calls otherwise. */
const DETERMINATIONS: Readonly<Record<string, string>> = {
  unknown: 'NotAvailable',
  compromisedAccount: 'CompromisedUser',
  notMalicious: 'Clean',
  notEnoughDataToValidate: 'InsufficientData',
  confirmedActivity: 'ConfirmedUserActivity',
};

export const pascal = (member: string): string => member.charAt(0).toUpperCase() + member.slice(1);

export const serviceSource = (graph: string): string => SERVICE_SOURCES[graph] ?? pascal(graph);

export const detectionSource = (graph: string): string => DETECTION_SOURCES[graph] ?? pascal(graph);

export const determination = (graph: string): string => DETERMINATIONS[graph] ?? pascal(graph);

/** The API documents Active, InProgress, Resolved and Redirected. */
export const incidentStatus = (graph: GraphIncident['status']): string =>
  graph === 'awaitingAction' ? 'InProgress' : pascal(graph);

export const severity = (graph: string): string => (graph === 'unknown' ? 'UnSpecified' : pascal(graph));
