import type { Resource } from './tenant.ts';

/** An API as administrators meet it: its name in the portal and its application id, the same in every tenant. */
export interface ApiName {
  readonly name: string;
  readonly appId: string;
}

/** https://learn.microsoft.com/defender-xdr/api-create-app-web and .../defender-endpoint/api/exposed-apis-create-app-webapp */
export const APIS: Readonly<Record<Resource, ApiName>> = {
  graph: { name: 'Microsoft Graph', appId: '00000003-0000-0000-c000-000000000000' },
  xdr: { name: 'Microsoft Threat Protection', appId: '8ee8fdad-f234-4243-8f3b-15c294843740' },
  mde: { name: 'WindowsDefenderATP', appId: 'fc780465-2017-40d4-a0c5-307022471b92' },
};
