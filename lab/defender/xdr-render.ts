import type { DeviceEvidence, GraphAlert, GraphEvidence, GraphIncident } from './graph-types.ts';
import type { Random } from './random.ts';
import type { ServedIncident } from './served.ts';
import type { DefenderSettings } from './settings.ts';
import { withDigits } from './times.ts';
import { entityOf } from './xdr-entities.ts';
import type { XdrAlert, XdrDevice, XdrIncident } from './xdr-types.ts';
import {
  detectionSource,
  determination,
  incidentStatus,
  pascal,
  serviceSource,
  severity,
} from './xdr-values.ts';

const TIME_NAME = /(?:Time|Activity|^firstSeen)$/;

/** Renders an incident as the XDR API writes it; what was loaded from a file exactly as it was written. */
export function createXdrRenderer(options: {
  readonly settings: DefenderSettings;
  readonly random: Random;
}): (served: ServedIncident) => string {
  const { settings, random } = options;
  function toText(incident: GraphIncident): string {
    if (settings.timeDigits === 7 && !settings.shuffleArrays) return JSON.stringify(xdrIncident(incident));
    return JSON.stringify(xdrIncident(incident), (name, value: unknown) => {
      if (Array.isArray(value)) return settings.shuffleArrays ? random.shuffle(value) : value;
      return typeof value === 'string' && TIME_NAME.test(name)
        ? withDigits(value, settings.timeDigits)
        : value;
    });
  }

  return (served) => (served.kind === 'raw' ? served.raw.text : toText(served.incident));
}

/** A generated incident in the XDR API's shape. */
function xdrIncident(incident: GraphIncident): XdrIncident {
  return {
    incidentId: Number(incident.id),
    redirectIncidentId: incident.redirectIncidentId === null ? null : Number(incident.redirectIncidentId),
    incidentName: incident.displayName,
    createdTime: incident.createdDateTime,
    lastUpdateTime: incident.lastUpdateDateTime,
    assignedTo: incident.assignedTo,
    classification: pascal(incident.classification),
    determination: determination(incident.determination),
    status: incidentStatus(incident.status),
    severity: severity(incident.severity),
    tags: incident.customTags,
    comments: incident.comments.map((comment) => ({
      comment: comment.comment,
      createdBy: comment.createdByDisplayName,
      createdTime: comment.createdDateTime,
    })),
    alerts: incident.alerts.map(xdrAlert),
  };
}

function xdrAlert(alert: GraphAlert): XdrAlert {
  return {
    alertId: alert.id,
    incidentId: Number(alert.incidentId),
    serviceSource: serviceSource(alert.serviceSource),
    creationTime: alert.createdDateTime,
    lastUpdatedTime: alert.lastUpdateDateTime,
    resolvedTime: alert.resolvedDateTime,
    firstActivity: alert.firstActivityDateTime,
    lastActivity: alert.lastActivityDateTime,
    title: alert.title,
    description: alert.description,
    category: alert.category,
    status: pascal(alert.status),
    severity: severity(alert.severity),
    investigationId: null,
    investigationState: pascal(alert.investigationState),
    classification: alert.classification === null ? null : pascal(alert.classification),
    determination: alert.determination === null ? null : determination(alert.determination),
    detectionSource: detectionSource(alert.detectionSource),
    assignedTo: alert.assignedTo,
    actorName: alert.actorDisplayName,
    threatFamilyName: alert.threatFamilyName,
    mitreTechniques: alert.mitreTechniques,
    devices: alert.evidence.filter(isDevice).map(xdrDevice),
    entities: alert.evidence.map(entityOf).filter((entity) => entity !== undefined),
  };
}

const isDevice = (evidence: GraphEvidence): evidence is DeviceEvidence =>
  evidence['@odata.type'] === '#microsoft.graph.security.deviceEvidence';

function xdrDevice(device: DeviceEvidence): XdrDevice {
  return {
    mdatpDeviceId: device.mdeDeviceId,
    aadDeviceId: device.azureAdDeviceId,
    deviceDnsName: device.deviceDnsName,
    osPlatform: device.osPlatform,
    version: device.version,
    osProcessor: 'x64',
    osBuild: device.osBuild,
    healthStatus: pascal(device.healthStatus),
    riskScore: pascal(device.riskScore),
    rbacGroupName: device.rbacGroupName,
    rbacGroupId: device.rbacGroupId,
    firstSeen: device.firstSeenDateTime,
  };
}
