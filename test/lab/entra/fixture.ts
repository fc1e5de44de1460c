import { createPrivateKey } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { generate } from 'selfsigned';
import type { DelegatedConsent, Directory, DirectoryApp } from '../../../lab/entra/directory.ts';
import { createEntra, type Entra } from '../../../lab/entra/entra.ts';
import type { TokenOrder } from '../../../lab/entra/token-issuer.ts';
import type { DirectoryUser } from '../../../lab/entra/users.ts';
import type { LabAnswer, LabRequest } from '../../../lab/service.ts';

export const HOME = '11111111-1111-4111-8111-111111111111';
export const CUSTOMER = '22222222-2222-4222-8222-222222222222';
export const GOVERNMENT = '33333333-3333-4333-8333-333333333333';
export const READER = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
export const API = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
export const GRAPH = 'https://graph.microsoft.com';
export const EXCHANGE = 'api://AzureADTokenExchange';
export const SECRET = 'reader-secret-value';
export const API_SECRET = 'api-secret-value';
export const CLI = 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee';
export const ANALYST = '44444444-4444-4444-8444-444444444444';
export const ADMIN = '55555555-5555-4555-8555-555555555555';
/** The home tenant's analyst as a guest of the customer's. */
export const GUEST = '66666666-6666-4666-8666-666666666666';
export const NOON = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;

export const FEDERATION_IDENTITY = {
  name: 'id-fed',
  clientId: 'c1c1c1c1-c1c1-4c1c-8c1c-c1c1c1c1c1c1',
  principalId: 'd1d1d1d1-d1d1-4d1d-8d1d-d1d1d1d1d1d1',
  resourceId:
    '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-fed',
  tenantId: HOME,
  kind: 'user',
} as const;

export const SYSTEM_IDENTITY = {
  name: 'func',
  clientId: 'c2c2c2c2-c2c2-4c2c-8c2c-c2c2c2c2c2c2',
  principalId: 'd2d2d2d2-d2d2-4d2d-8d2d-d2d2d2d2d2d2',
  resourceId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/func',
  tenantId: HOME,
  kind: 'system',
} as const;

export interface Lab {
  readonly entra: Entra;
  readonly directory: Directory;
  /** The app that signs in: registered at home, installed at home and at the customer's. */
  readonly reader: DirectoryApp;
  /** The API: its own secret, Graph permissions for users of both tenants. */
  readonly api: DirectoryApp;
  /** A public client of the API and of Graph. */
  readonly cli: DirectoryApp;
  /** The home tenant's analyst. */
  readonly analyst: DirectoryUser;
  readonly clock: { time: number; now(): number };
  readonly secrets: string[];
}

/** Two tenants, an app with every credential, an API and two managed identities. */
export function createLab(time = NOON): Lab {
  const reader: DirectoryApp = {
    appId: READER,
    homeTenantId: HOME,
    displayName: 'Outrider incident reader',
    secrets: [{ value: SECRET, expiresAt: time + HOUR }],
    certificates: [],
    federated: [
      {
        issuer: `https://login.microsoftonline.com/${HOME}/v2.0`,
        subject: FEDERATION_IDENTITY.principalId,
        audience: EXCHANGE,
      },
    ],
    grants: {
      [HOME]: { [API]: ['Incidents.Read'] },
      [CUSTOMER]: { [GRAPH]: ['SecurityIncident.Read.All'] },
    },
  };
  const api: DirectoryApp = {
    appId: API,
    homeTenantId: HOME,
    displayName: 'Outrider API',
    secrets: [{ value: API_SECRET, expiresAt: time + HOUR }],
    certificates: [],
    federated: [...reader.federated],
    grants: { [HOME]: {} },
    scopes: ['access_as_user'],
    isMultiTenant: true,
    consents: consents(GRAPH, ['SecurityIncident.Read.All', 'ThreatHunting.Read.All']),
  };
  const cli: DirectoryApp = {
    appId: CLI,
    homeTenantId: HOME,
    displayName: 'Command line',
    secrets: [],
    certificates: [],
    federated: [],
    grants: { [HOME]: {}, [CUSTOMER]: {} },
    isMultiTenant: true,
    isPublicClient: true,
    redirectUris: ['http://localhost', 'http://127.0.0.1/done', 'https://portal.example/back'],
    consents: [...consents(API, ['access_as_user']), ...consents(GRAPH, ['SecurityIncident.Read.All'])],
    requires: [
      { resource: API, roles: [], scopes: ['access_as_user'] },
      { resource: GRAPH, roles: [], scopes: ['SecurityIncident.Read.All'] },
    ],
  };
  const analyst: DirectoryUser = {
    id: ANALYST,
    tenantId: HOME,
    name: 'Ana Analyst',
    userPrincipalName: 'ana@contoso.example',
    defender: 'read',
    appRoles: { [API]: ['Incidents.Read'] },
  };
  const directory: Directory = {
    tenants: [
      { id: HOME, name: 'Contoso' },
      { id: CUSTOMER, name: 'Fabrikam' },
      { id: GOVERNMENT, name: 'Litware', cloud: 'usgov' },
    ],
    apps: [reader, api, cli],
    users: [
      analyst,
      {
        id: ADMIN,
        tenantId: CUSTOMER,
        name: 'Adam Admin',
        userPrincipalName: 'adam@fabrikam.example',
        isAdmin: true,
      },
      {
        id: GUEST,
        tenantId: CUSTOMER,
        name: 'Ana Analyst',
        userPrincipalName: 'ana_contoso.example#EXT#@fabrikam.example',
        guestOf: ANALYST,
      },
    ],
    managedIdentities: [{ ...FEDERATION_IDENTITY }, { ...SYSTEM_IDENTITY }],
  };
  const clock = { time, now: () => clock.time };
  const secrets: string[] = [];
  const entra = createEntra({ directory, clock, onIssued: (secret) => secrets.push(secret) });
  return { entra, directory, reader, api, cli, analyst, clock, secrets };
}

function consents(resource: string, scopes: readonly string[]): DelegatedConsent[] {
  return [HOME, CUSTOMER].map((tenantId) => ({ tenantId, resource, scopes: [...scopes] }));
}

/** What the analyst's command line sends to the API. */
export function userToken({ entra }: Lab, order: Partial<TokenOrder> = {}): Promise<string> {
  return entra.issue({
    tenantId: HOME,
    appId: CLI,
    audience: API,
    objectId: ANALYST,
    scopes: ['access_as_user'],
    clientProof: '0',
    ...order,
  });
}

export function request(method: string, url: string, options: Partial<LabRequest> = {}): LabRequest {
  const parsed = new URL(url);
  return {
    method,
    url: parsed,
    rawTarget: `${parsed.pathname}${parsed.search}`,
    headers: {},
    body: Buffer.alloc(0),
    ...options,
  };
}

/** A token request by secret for Graph at the customer's, with what `form` changes; undefined takes away. */
export function tokenRequest(
  form: Readonly<Record<string, string | undefined>> = {},
  { tenant = CUSTOMER, host = 'login.microsoftonline.com' } = {},
): LabRequest {
  const fields = {
    grant_type: 'client_credentials',
    client_id: READER,
    client_secret: SECRET,
    scope: `${GRAPH}/.default`,
    ...form,
  };
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) body.set(name, value);
  return request('POST', `https://${host}/${tenant}/oauth2/v2.0/token`, {
    body: Buffer.from(body.toString()),
  });
}

/** Form fields of a sign-in by assertion. */
export function byAssertion(assertion: string): Readonly<Record<string, string | undefined>> {
  return {
    client_secret: undefined,
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
}

export interface ErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: readonly number[];
  readonly timestamp: string;
  readonly trace_id: string;
  readonly correlation_id: string;
  readonly error_uri: string;
}

/** Status, OAuth error and AADSTS number of an answer: what a client may go by. */
export function verdictOf(answer: LabAnswer): { status: number; error: string; number: number | undefined } {
  const body = answer.body as ErrorBody;
  return { status: answer.status, error: body.error, number: body.error_codes?.[0] };
}

export function accessToken(answer: LabAnswer): string {
  return (answer.body as { access_token: string }).access_token;
}

export interface AppCertificate {
  readonly pem: string;
  readonly key: string;
}

export async function createAppCertificate(): Promise<AppCertificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'reader' }], {
    keyType: 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
  });
  return { pem: cert, key };
}

/** Signs any claims with any header: for assertions that no library would make. */
export function signWith(
  key: string,
  header: Readonly<Record<string, unknown>>,
  claims: JWTPayload,
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'PS256', ...header }).sign(createPrivateKey(key));
}
