import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const OLD = '2021-03-04T05:06:07.1234567Z';

/** An incident as Graph sends it, older than every default of the app's settings. */
export const graphIncident = (id: string): object => ({
  id,
  tenantId: 'a9f0b2d4-0000-4000-8000-000000000001',
  status: 'active',
  severity: 'high',
  displayName: `Sign-in from an unusual place ${id}`,
  createdDateTime: OLD,
  lastUpdateDateTime: OLD,
  assignedTo: null,
  classification: 'unknown',
  determination: 'unknown',
  customTags: [],
  comments: [],
  alerts: [],
});

/** An incident as the Defender XDR API sends it. */
export const xdrIncident = (incidentId: number): object => ({
  incidentId,
  incidentName: `Suspicious file ${incidentId}`,
  createdTime: '2022-01-02T03:04:05.6Z',
  lastUpdateTime: '2022-01-02T03:04:05.6Z',
  status: 'Active',
  severity: 'Medium',
  alerts: [],
});

/** Two incidents of each shape, and a file that is broken. @returns the broken file */
export async function writeIncidents(folder: string): Promise<string> {
  await writeFile(
    join(folder, 'page.json'),
    JSON.stringify({ value: [graphIncident('11'), graphIncident('12')] }),
  );
  await writeFile(join(folder, 'xdr.json'), JSON.stringify([xdrIncident(21), xdrIncident(22)]));
  const broken = join(folder, 'broken.json');
  await writeFile(broken, '{"id": "13", ');
  return broken;
}
